import { userInfo } from 'node:os';
import type { Market } from '../../config/market.ts';
import type { ScheduleKind } from '../../schedules/kinds.ts';
import { type Operation, operateSchedules, operatorNote } from '../../schedules/operate.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { type Output, renderJson } from '../output.ts';
import { withTemporal } from '../temporal-session.ts';

export interface OperateOptions extends CommonOptions {
  readonly market?: Market;
  readonly reason?: string;
}

const DONE = { pause: 'paused', resume: 'resumed', trigger: 'triggered' } as const;

/** Pauses, resumes or triggers schedules. Who paused and why is shown by `durabit schedules` and in the Web UI. */
export async function operate(
  operation: Operation,
  kind: ScheduleKind | 'all',
  options: OperateOptions,
): Promise<void> {
  const context = commandContext(options);
  const words = `durabit ${operation}`;
  const reason = operatorNote(operation, { operator: operatorName(), words, reason: options.reason });
  const done = await withTemporal(context, ({ client }) =>
    operateSchedules(client, operation, { kind, market: options.market, reason }),
  );
  noteUnkeptReason(operation, options.reason, context.output);
  context.output.result(
    options.json
      ? renderJson({ operation, schedules: done, reason })
      : done.map((id) => `${DONE[operation]} ${id}`).join('\n'),
  );
}

/** A schedule's note tells of pauses alone: what somebody gave as the reason of a trigger is nowhere to be read later. */
export function noteUnkeptReason(operation: Operation, reason: string | undefined, output: Output): void {
  if (operation !== 'trigger' || reason === undefined) return;
  output.note('Temporal keeps no reason with a trigger: this one is in no list afterwards');
}

/** Who is at the keyboard. In a container the user may have a number and no name. */
export function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
