import { basename } from 'node:path';
import { TASK_QUEUES, type TaskQueue } from '../../workers/task-queues.ts';

/** The task queue a program was started for, its one argument; ends the program when it is none. */
export function queueArgument([, program = '', queue = '']: readonly string[] = process.argv): TaskQueue {
  if (Object.hasOwn(TASK_QUEUES, queue)) return queue as TaskQueue;
  console.error(`usage: node ops/compose/${basename(program)} ${Object.keys(TASK_QUEUES).join('|')}`);
  process.exit(2);
}
