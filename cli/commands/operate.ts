import { userInfo } from 'node:os';
import type { Market } from '../../config/market.ts';
import type { ScheduleKind } from '../../schedules/kinds.ts';
import { type Operation, operateSchedules } from '../../schedules/operate.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { renderJson } from '../output.ts';
import { withTemporal } from '../temporal-session.ts';

export interface OperateOptions extends CommonOptions {
  readonly market?: Market;
  readonly reason?: string;
}

const DONE = { pause: 'paused', resume: 'resumed', trigger: 'triggered' } as const;

/** Pauses, resumes or triggers schedules. The reason is shown by `durabit schedules` and in the Temporal Web UI. */
export async function operate(
  operation: Operation,
  kind: ScheduleKind | 'all',
  options: OperateOptions,
): Promise<void> {
  const context = commandContext(options);
  const reason = options.reason ?? `${DONE[operation]} by ${userInfo().username} with durabit ${operation}`;
  const done = await withTemporal(context, ({ client }) =>
    operateSchedules(client, operation, { kind, market: options.market, reason }),
  );
  context.output.result(
    options.json
      ? renderJson({ operation, schedules: done, reason })
      : done.map((id) => `${DONE[operation]} ${id}`).join('\n'),
  );
}
