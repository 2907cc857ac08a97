import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

/** A program of ours that runs on one core and is talked to by IPC. */
export interface PinnedProcess {
  readonly pid: number;
  /** Its next message. @throws when it ends, or has a fault to tell, instead */
  heard<Message>(): Promise<Message>;
  /** Sends a message and waits for the next one. */
  ask<Message>(message: object): Promise<Message>;
  kill(): Promise<void>;
}

/** Whether programs can be kept on a core of their own here. */
export function canPin(): boolean {
  return availableParallelism() > 1 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;
}

/** @param core undefined where nothing can be pinned. */
export function startPinned(program: URL, args: readonly string[], core: number | undefined): PinnedProcess {
  const node = [process.execPath, '--expose-gc'];
  const [execPath = '', ...execArgv] = core === undefined ? node : ['taskset', '-c', String(core), ...node];
  const child = fork(program.pathname, [...args], { execPath, execArgv });
  const gone = once(child, 'exit');
  const heard = async <Message>(): Promise<Message> => {
    const message = await messageOf(child, gone);
    if (message.fault !== undefined) throw new Error(message.fault);
    return message as Message;
  };
  return {
    pid: child.pid ?? 0,
    heard,
    async ask<Message>(message: object) {
      const answer = heard<Message>();
      child.send(message);
      return answer;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function messageOf(child: ChildProcess, gone: Promise<unknown>): Promise<{ readonly fault?: string }> {
  const settled = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: settled.signal }).then(([message]) => message),
      gone.then(() => {
        throw new Error('a program of the bench ended before it answered');
      }),
    ]);
  } finally {
    settled.abort();
  }
}
