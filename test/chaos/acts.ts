import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { connectTemporal } from '../../cli/temporal-session.ts';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { ROOT } from '../../cli/up/node-service.ts';
import { targetOf } from '../../cli/up/run-addresses.ts';
import { listSchedules, operateSchedules } from '../../schedules/operate.ts';
import type { ChaosBot } from './chaos-bot.ts';
import type { HaltedTime } from './judge.ts';
import { patiently } from './patiently.ts';

/** What an operator can do to runs in the Temporal Web UI. */
export const OPERATOR_ACTS = ['terminate', 'cancel', 'reset', 'backfill', 'trigger'] as const;
export type OperatorAct = (typeof OPERATOR_ACTS)[number];

/** Runs started at once by a backfill, and by impatient clicks on "trigger". */
const BACKFILLED = 10;
const TRIGGERED = 3;

/** Does it to the market's newest trading run, or its schedule. */
export function operate(bot: ChaosBot, act: OperatorAct, market: string): Promise<void> {
  return withClient(bot, async (client) => {
    const schedule = client.schedule.getHandle(`trade-${market}`);
    const overlap = ScheduleOverlapPolicy.ALLOW_ALL;
    if (act === 'backfill') {
      const end = new Date();
      const start = new Date(end.getTime() - BACKFILLED * bot.instance.candleIntervalMs);
      await schedule.backfill({ start, end, overlap });
      return;
    }
    if (act === 'trigger') {
      await Promise.all(Array.from({ length: TRIGGERED }, () => schedule.trigger(overlap)));
      return;
    }
    const { info } = await schedule.describe();
    const newest = info.recentActions.at(-1)?.action;
    if (newest?.type !== 'startWorkflow') throw new Error(`trade-${market} has started no run`);
    const run = client.workflow.getHandle(newest.workflow.workflowId, newest.workflow.firstExecutionRunId);
    try {
      if (act === 'terminate') await run.terminate('an operator, in the chaos run');
      if (act === 'cancel') await run.cancel();
    } catch (error) {
      // The run may have ended between the look and the act: then there is nothing to terminate.
      if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
    }
    if (act === 'reset')
      await resetToFirstStep(client, newest.workflow.workflowId, newest.workflow.firstExecutionRunId);
  });
}

/** Lets the run begin again after its first step, as "Reset" in the Web UI does. */
async function resetToFirstStep(client: Client, workflowId: string, runId: string): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const done = events?.find(({ workflowTaskCompletedEventAttributes: completed }) => completed != null);
  if (done?.eventId == null) return;
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: done.eventId,
    reason: 'an operator, in the chaos run',
    requestId: `${runId}-${Date.now()}`,
  });
}

/** How long the supervisor may take to make the schedules again that a server has lost. */
const RESTORED_WITHIN_MS = 30_000;

/** Waits until the schedules that were lost with Temporal's database are made again, and go on as they did before. */
export function awaitLostSchedules(bot: ChaosBot): Promise<void> {
  return withClient(bot, async (client) => {
    for (const giveUpAt = Date.now() + RESTORED_WITHIN_MS; ; await sleep(200)) {
      const trading = (await listSchedules(client)).filter(({ kind, paused }) => kind === 'trade' && !paused);
      if (trading.length === bot.instance.markets.length) return;
      if (Date.now() > giveUpAt) throw new Error('the schedules that Temporal had lost were not made again');
    }
  });
}

/** Lets no new trading run begin. */
export function pauseTrading(bot: ChaosBot): Promise<void> {
  return withClient(bot, async (client) => {
    await operateSchedules(client, 'pause', { kind: 'trade', reason: 'the chaos run counts its orders' });
  });
}

async function withClient<T>({ instance }: ChaosBot, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await connectTemporal(targetOf(instance));
  try {
    return await work(new Client({ connection, namespace: instance.temporalNamespace }));
  } finally {
    await connection.close();
  }
}

/** How long trading stays halted, so that several candles close meanwhile. */
const HALTED_MS = 2_500;

/** What came of typing `durabit halt`. */
export interface HaltTry {
  /** The time in which nothing may have been created; undefined when trading was not halted. */
  readonly halted: HaltedTime | undefined;
  /** Whether the command proved that nothing is open: it ends with 1 where something is not known. */
  readonly proven: boolean;
  /** What it did not know, by subject and problem; empty where it was proven, or halted nothing. */
  readonly notKnown: readonly string[];
  /** What the command said where it halted nothing. */
  readonly problem: string | undefined;
}

/**
 * `durabit halt`, a while, `durabit unhalt`, as a person does it.
 *
 * @param onReturned called once halt has returned, or will not for a moment
 * @throws when trading stays halted
 */
export async function haltForAWhile(bot: ChaosBot, onReturned: () => void = () => {}): Promise<HaltTry> {
  const halting = durabit(bot, ['halt', '--json', '--timeout', '20s']);
  // Whoever is held in a transaction that the halt waits for must be let go before it can return.
  await Promise.race([halting, sleep(3_000)]);
  onReturned();
  const said = readHalt(await halting);
  const from = Date.now();
  if (said.isHalted) await sleep(HALTED_MS);
  const until = Date.now();
  await patiently(async () => {
    const { code, stderr } = await durabit(bot, ['unhalt', '--json']);
    if (code !== 0) throw new Error(`durabit unhalt ended with ${code}: ${stderr}`);
  });
  const { isHalted, ...rest } = said;
  return { halted: isHalted ? { from, until } : undefined, ...rest };
}

/** A halt in a line of progress. */
export function wordsOfHalt({ halted, proven, notKnown, problem }: HaltTry): string {
  if (halted === undefined) return `NOT HALTED: ${problem}`;
  return proven ? 'proven' : `halted, and not known: ${notKnown.join('; ')}`;
}

/** What `durabit halt --json` says it did; without its document, or one that says otherwise, nothing was halted. */
export function readHalt({ code, stdout, stderr }: Finished) {
  const report = stdout.trimStart().startsWith('{') ? JSON.parse(stdout) : undefined;
  const isHalted = report?.state === 'halted';
  return {
    isHalted,
    proven: isHalted && report.proven === true && code === 0,
    notKnown: notKnownOf(report),
    problem: isHalted ? undefined : `exit ${code}: ${stderr.trim().slice(-500)}`,
  };
}

function notKnownOf(report: { readonly not_known?: readonly { about: string; problem: string }[] } | undefined) {
  return (report?.not_known ?? []).map(({ about, problem }) => `${about}: ${problem}`);
}

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the bot, in a process of its own. */
function durabit(bot: ChaosBot, args: readonly string[]): Promise<Finished> {
  const command = [join(ROOT, 'cli', 'main.ts'), ...args];
  const env = childEnvironment({ DURABIT_DATA_DIR: bot.dataDir });
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env, cwd: bot.dataDir }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
