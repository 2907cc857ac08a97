import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { connectTemporal } from '../../cli/temporal-session.ts';
import { targetOf } from '../../cli/up/run-addresses.ts';
import { storeHistory } from '../support/stored-history.ts';
import { type Bench, type Measurement, wait } from './bench.ts';
import { type BenchBot, type BenchFolder, MARKET } from './bench-bot.ts';
import { withConnection } from './connection.ts';
import { learnCloseInstants } from './market-time.ts';
import { median, percentile } from './statistics.ts';

/** A candle in two seconds, as for the order latency. */
const SPEED = 30;
const INTERVAL_SECONDS = 2;
/** What is searched by default, and what takes as long as several candles. */
const DEFAULT_CLOSES = 1_000;
const MANY_CLOSES = 50_000;

/** Wall instants, epoch ms. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** How long a search takes inside a trading bot, and what its decisions notice of it. */
export async function measureSearchBesideTrading(bench: Bench, folder: BenchFolder): Promise<Measurement> {
  const { quick } = bench;
  const wanted = { apart: quick ? 5 : 20, beside: quick ? 3 : 20, searches: quick ? 1 : 3 };
  const file = await storeHistory(folder.dataDir, { market: MARKET, seed: 1, stored: MANY_CLOSES, more: 1_000 });
  const start = (closes: number) =>
    folder.start(['--feed', 'replay', '--replay', file, '--markets', MARKET, '--speed', String(SPEED)], {
      OPTIMIZER_WINDOW: String(closes),
    });

  const short = await whileRunning(await start(DEFAULT_CLOSES), async (bot) => {
    await wait(bench, 'search beside trading, warm-up', quick ? 5 : 10);
    const searches: Span[] = [];
    while (searches.length < wanted.searches) {
      searches.push(await searchOnce(bench, bot));
      // The same closes are not searched twice.
      await wait(bench, 'search beside trading, the next candle', 2 * INTERVAL_SECONDS);
    }
    return searches;
  });
  const { apart, beside, long } = await whileRunning(await start(MANY_CLOSES), async (bot) => {
    await wait(bench, 'search beside trading, warm-up', quick ? 5 : 10);
    const quiet = { from: Date.now(), until: Date.now() + wanted.apart * INTERVAL_SECONDS * 1_000 };
    await wait(bench, `decisions while nothing is searched, ${wanted.apart} candles`, wanted.apart * INTERVAL_SECONDS);
    const searches: Span[] = [];
    let decided = await decisionsWithin(bot, searches);
    while (decided.latencies.length + decided.late < wanted.beside) {
      searches.push(await searchOnce(bench, bot));
      decided = await decisionsWithin(bot, searches);
      bench.say(`decisions while a search runs: ${decided.latencies.length} of ${wanted.beside}`);
    }
    return { apart: await decisionsWithin(bot, [quiet]), beside: decided, long: searches };
  });

  const seconds = (searches: readonly Span[]) => median(searches.map(({ from, until }) => (until - from) / 1_000));
  const closes = (count: number) => `${count.toLocaleString('en')} closes`;
  const of = (latencies: readonly number[], when: string) => [
    { name: `close to decision, ${when}, p50`, value: percentile(latencies, 0.5), unit: 'ms' },
    { name: `close to decision, ${when}, p95`, value: percentile(latencies, 0.95), unit: 'ms' },
  ];
  return {
    title: 'Optimizer, beside trading',
    figures: [
      { name: `${closes(DEFAULT_CLOSES)}: trigger to recorded`, value: seconds(short), unit: 's' },
      { name: `${closes(MANY_CLOSES)}: trigger to recorded`, value: seconds(long), unit: 's' },
      ...of(apart.latencies, 'no search'),
      ...of(beside.latencies, 'during a search'),
      { name: 'not decided in time, during a search', value: beside.late, unit: 'candles', atMost: 0 },
    ],
    notes: [
      `Searches by hand in a bot that trades one market at speed ${SPEED}: medians of ${short.length} and ${long.length}, from the request to the recorded row.`,
      `${apart.latencies.length} decisions without and ${beside.latencies.length} during a search of ${closes(MANY_CLOSES)}, each from the close of its candle to the decision's instant. The threads of a search have the lowest priority.`,
    ],
  };
}

async function whileRunning<Result>(bot: BenchBot, work: (bot: BenchBot) => Promise<Result>): Promise<Result> {
  try {
    return await work(bot);
  } finally {
    await bot.stop();
  }
}

/** Nothing is recorded by then when something is wrong; a search of 50,000 closes took 6 s at the worst. */
const RECORDED_WITHIN_MS = 60_000;

/**
 * Asks for a search and waits until its result is recorded. A candle is let close before: the same candles are searched
 * once, and a second search of them records nothing.
 */
async function searchOnce(bench: Bench, { instance }: BenchBot): Promise<Span> {
  const target = targetOf(instance);
  const connection = await connectTemporal(target);
  try {
    return await withConnection(instance, async (database) => {
      const newest = async () => {
        const { rows } = await database.query<{ id: string; at: Date }>(
          'SELECT id, recorded_at AS at FROM optimizer_results ORDER BY id DESC LIMIT 1',
        );
        return rows[0];
      };
      await pause(INTERVAL_SECONDS * 1_000, undefined, { signal: bench.signal });
      const before = (await newest())?.id;
      const from = Date.now();
      const client = new Client({ connection, namespace: target.namespace });
      await client.schedule.getHandle(`optimize-${MARKET}`).trigger();
      for (;;) {
        const row = await newest();
        if (row !== undefined && row.id !== before) return { from, until: row.at.getTime() };
        if (Date.now() - from > RECORDED_WITHIN_MS) throw new Error('a search that was asked for recorded no result');
        await pause(50, undefined, { signal: bench.signal });
      }
    });
  } finally {
    await connection.close();
  }
}

/** Decisions on candles that closed within the spans: how long after the close, and how many came too late. */
async function decisionsWithin({ instance }: BenchBot, spans: readonly Span[]) {
  const closesAt = await learnCloseInstants({ url: instance.exchangeUrl, speed: SPEED, market: MARKET });
  const rows = await withConnection(instance, async (database) => {
    const found = await database.query<{ candle: Date; decided_at: Date; action: string }>(
      'SELECT candle, decided_at, action FROM decisions ORDER BY candle',
    );
    return found.rows;
  });
  const within = rows.filter(({ candle }) => {
    const closed = closesAt(candle.getTime());
    return spans.some(({ from, until }) => closed >= from && closed < until);
  });
  const inTime = within.filter(({ action }) => action !== 'stale');
  return {
    latencies: inTime.map(({ candle, decided_at }) => decided_at.getTime() - closesAt(candle.getTime())),
    late: within.length - inTime.length,
  };
}
