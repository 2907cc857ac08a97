import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isGrpcCancelledError } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { UserError } from '../../config/user-error.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import { requirePaperExchange } from '../../exchange/paper-proof.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';

/** Schedules tick by Temporal's clock, and a run that comes so much early or late is a second of the time to decide. */
const TOLERATED_MS = 1_000;

export const CLOCK_CURE = 'keep time with NTP (chrony) on the machine of the Temporal server';

/** The `Date` header has whole seconds: looks this far apart narrow it to a third of one. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 330;

/** A queue that gets no task. */
const CLOCK_QUEUE = 'durabit-clock';
/** The wire's number of an activity queue; see `worker-polls.ts`. */
const ACTIVITY_QUEUE = 2;
/** Until the server tells of a poll that it has got. */
const PATIENCE_MS = 2_000;
/** What the server takes for a poll and does not warn of; it is ended as soon as it has been told of. */
const POLL_MS = 60_000;

/**
 * By how much the exchange's clock is passed by this machine's (milliseconds); 0 for a paper exchange, which takes its
 * time from the machine it runs on. Its address proves nothing: a tunnel here may lead to one that does not.
 */
export async function readMachineAhead(baseUrl: string): Promise<number> {
  if (await isOnPaper(baseUrl)) return 0;
  const clock = createExchangeClock(1);
  const exchange = createUpbitClient({ baseUrl, observeClock: clock.ask });
  for (let look = 1; look <= LOOKS; look += 1) {
    if (look > 1) await sleep(BETWEEN_LOOKS_MS);
    await exchange.listMarkets();
  }
  const now = clock.now();
  if (now === undefined) throw new UserError('the exchange does not tell its time');
  // The estimate lags by up to one distance between looks.
  return Math.round(Date.now() - now - BETWEEN_LOOKS_MS / 2);
}

async function isOnPaper(baseUrl: string): Promise<boolean> {
  try {
    await requirePaperExchange(baseUrl);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/**
 * By how much the Temporal server's clock passes this machine's for certain, milliseconds. The server answers no question for its
 * time, but notes when a task queue was asked for work last: so one that never has any is asked.
 */
export async function readTemporalAhead(client: Client): Promise<number> {
  const { namespace } = client.options;
  const identity = `clock-${randomUUID()}`;
  const taskQueue = { name: CLOCK_QUEUE };
  const asking = new AbortController();
  const askedAt = Date.now();
  const ask = () => client.workflowService.pollActivityTaskQueue({ namespace, identity, taskQueue });
  const poll = client
    .withAbortSignal(asking.signal, () => client.withDeadline(Date.now() + POLL_MS, ask))
    .catch((error: unknown) => {
      if (!isGrpcCancelledError(error)) throw error;
    });
  // It is awaited below; until then a failure must not count as nobody's.
  poll.catch(() => undefined);
  try {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const queue = { namespace, taskQueue, taskQueueType: ACTIVITY_QUEUE };
      const { pollers } = await client.workflowService.describeTaskQueue(queue);
      const own = pollers?.find((poller) => poller.identity === identity);
      if (own !== undefined) return leastAhead(tsToMs(own.lastAccessTime), { from: askedAt, until: Date.now() });
      if (performance.now() >= giveUpAt) throw new UserError('the Temporal server does not tell its time');
      await sleep(10);
    }
  } finally {
    asking.abort();
    await poll;
  }
}

/** The server noted its time somewhere between the two: a slow answer must not look like a wrong clock. */
function leastAhead(noted: number, { from, until }: { readonly from: number; readonly until: number }): number {
  if (noted > until) return noted - until;
  return noted < from ? noted - from : 0;
}

/**
 * What is wrong with the Temporal server's clock by the exchange's, in words; null where they agree to a second.
 * Candles and deadlines keep to the exchange's clock whatever Temporal's says; but runs that start late decide nothing.
 */
export async function temporalClockFault(client: Client, exchangeUrl: string): Promise<string | null> {
  const [temporal, machine] = await Promise.all([readTemporalAhead(client), readMachineAhead(exchangeUrl)]);
  const ahead = temporal + machine;
  if (Math.abs(ahead) <= TOLERATED_MS) return null;
  const off = `${(Math.abs(ahead) / 1_000).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} the exchange's`;
  return `the Temporal server's clock is ${off}: runs that it starts too late leave their candle stale`;
}
