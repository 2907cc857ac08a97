import { describeSchedule, listSchedules, operateSchedule, operatorNote } from '../../schedules/operate.ts';
import { noteUnkeptReason, operatorName } from '../commands/operate.ts';
import { scheduleTable } from '../commands/schedules.ts';
import { commandContext } from '../context.ts';
import { renderJson } from '../output.ts';
import { type TemporalSession, withTemporal } from '../temporal-session.ts';
import { HELP } from './help.ts';
import type { Request, Wish } from './translate.ts';

/** The retired tool's answers, word for word: scripts look for them. */
const ANSWERS = { pause: 'Schedule updated', resume: 'Schedule updated', trigger: 'Trigger request sent' } as const;

/**
 * Does what was asked for on the server named by flags, by the retired tool's settings or by ours, else on that of the
 * running instance.
 *
 * @throws {UserError} when there is no server or no such schedule
 */
export async function perform(request: Request, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { wish, json, dataDir } = request;
  const address = request.address ?? env.TEMPORAL_CLI_ADDRESS;
  const namespace = request.namespace ?? env.TEMPORAL_CLI_NAMESPACE;
  const context = commandContext(dataDir === undefined ? {} : { dataDir }, {
    ...env,
    ...(address && { TEMPORAL_ADDRESS: address }),
    ...(namespace && { TEMPORAL_NAMESPACE: namespace }),
  });
  if (wish.does === 'help') {
    context.output.result(HELP);
    return;
  }
  if ('reason' in wish) noteUnkeptReason(wish.does, wish.reason, context.output);
  const { result, text } = await withTemporal(context, (session) => answer(wish, session));
  context.output.result(json ? renderJson(result) : text);
}

async function answer(
  wish: Exclude<Wish, { readonly does: 'help' }>,
  { client }: TemporalSession,
): Promise<{ readonly result: unknown; readonly text: string }> {
  if (wish.does === 'list') {
    const states = await listSchedules(client);
    return { result: states, text: scheduleTable(states) };
  }
  if (wish.does === 'describe') {
    const state = await describeSchedule(client, wish.scheduleId);
    return { result: state, text: scheduleTable([state]) };
  }
  const reason = operatorNote(wish.does, { operator: operatorName(), words: wish.words, reason: wish.reason });
  await operateSchedule(client, wish.does, wish.scheduleId, { reason, overlap: wish.overlap });
  const text = ANSWERS[wish.does];
  return { result: { operation: wish.does, schedules: [wish.scheduleId], reason }, text };
}
