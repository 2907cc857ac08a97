import { sql } from 'kysely';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { writeNervousMarkets } from '../../cli/demo/nervous-market.ts';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { parseMarket } from '../../config/market.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import type { StreamReport } from '../../db/stream-reports.ts';
import { paperOptions, startForTest, temporaryFolder } from '../exchange/paper/paper.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { compareWithFiles, type DecisionRow, readCloses } from '../support/recomputed-decisions.ts';
import { openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

const BTC = parseMarket('KRW-BTC');
/** Four seconds a candle: on a machine that runs two bots at once, nearly all are decided in time. */
const SPEED = 15;
/** Decisions of each bot by its strategies. */
const VOTES = 3;

beforeAll(() => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
});

interface WholeBot {
  readonly db: Db;
  audit(): Promise<Readonly<Record<string, unknown>>>;
  decisions(): Promise<readonly DecisionRow[]>;
  /** How the exchange's streams stand, as `durabit status` tells. */
  streams(): Promise<readonly StreamReport[]>;
  /** Ends it. @returns its summary and all it said */
  stop(): Promise<{ readonly summary: Readonly<Record<string, unknown>>; readonly said: string }>;
}

/** The whole bot, at an exchange of its own that replays the file; `way` says by which address it goes there. */
async function startBot(
  feedMode: 'rest' | 'websocket',
  file: string,
  way: (exchangePort: number) => Promise<string>,
): Promise<WholeBot> {
  const { accessKey, secretKey } = paperOptions();
  const exchange = await startForTest({ replayFiles: [file], speed: SPEED });
  const bot = await openBotFolder();
  onTestFinished(() => bot.remove());
  const env = {
    ...{ FEED_MODE: feedMode, UPBIT_BASE_URL: await way(exchange.port), TRADING_MODE: 'paper' },
    ...{ UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey },
  };
  const { child, finished } = bot.start(['up', '--markets', BTC, '--speed', String(SPEED), '--json'], env);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await finished;
  });
  await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
  const url = readRunningInstance(bot.dataDir)?.databaseUrl ?? '';
  const db = connectDatabase(url, { applicationName: 'test' });
  const read = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await bot.runHere([...args, '--json'], env);
    expect(code, stdout + stderr).toBe(0);
    return JSON.parse(stdout);
  };
  return {
    db,
    audit: () => read(['audit']),
    decisions: () => read(['decisions', '--limit', '1000']),
    // Ends with 1 where something is wrong at the moment, which a market this fast may well have.
    streams: async () => JSON.parse((await bot.runHere(['status', '--json'], env)).stdout).streams,
    async stop() {
      await db.destroy();
      child.kill('SIGTERM');
      const { code, stdout, stderr } = await finished;
      expect(code, stderr).toBe(0);
      return { summary: JSON.parse(stdout), said: stderr };
    },
  };
}

/** Waits until it has decided by its strategies so often, and an order of it was filled. */
async function untilTraded({ db }: WholeBot): Promise<void> {
  const traded = async () => {
    const { rows } = await sql<{ done: boolean }>`
      SELECT (SELECT count(*) FROM decisions WHERE signals IS NOT NULL) >= ${VOTES}
         AND EXISTS (SELECT FROM orders WHERE status = 'filled') AS done`.execute(db);
    return rows[0]?.done;
  };
  await expect.poll(traded, { timeout: 90_000, interval: 100 }).toBe(true);
}

interface CandleRow {
  readonly ts: Date;
  readonly close: string;
}

async function candleRows({ db }: WholeBot): Promise<readonly CandleRow[]> {
  const { rows } = await sql<CandleRow>`SELECT * FROM candles ORDER BY ts`.execute(db);
  return rows;
}

/** What its strategies said of each candle it decided on in time, by candle. */
function votesOf(decisions: readonly DecisionRow[]) {
  return new Map(
    decisions
      .filter(({ signals }) => signals !== null)
      .map(({ candle, signals, weights, threshold, score }) => [candle, { signals, weights, threshold, score }]),
  );
}

it('a bot that is told by streams which break at random writes what one that asks writes, and its ledger equals the exchange', {
  timeout: 240_000,
}, async () => {
  const [file = ''] = writeNervousMarkets(temporaryFolder(), 1);
  let cuts = () => 0;
  const cutAtRandom = async (exchangePort: number) => {
    // An account's stream counts as there after two seconds: some lines come so far.
    const proxy = await startCuttingProxy(exchangePort, { seed: 11, longestMs: 4_000 });
    onTestFinished(() => proxy.close());
    cuts = proxy.cuts;
    return proxy.url;
  };
  const bots = await Promise.all([
    startBot('websocket', file, cutAtRandom),
    startBot('rest', file, async (port) => `http://127.0.0.1:${port}`),
  ]);
  await Promise.all(bots.map(untilTraded));

  const [streams, none] = await Promise.all(bots.map((bot) => bot.streams()));
  expect(streams?.map(({ stream, stale }) => ({ stream, stale }))).toEqual([
    { stream: 'prices', stale: false },
    { stream: 'orders', stale: false },
  ]);
  for (const { stream, gaps_healed: healed } of streams ?? []) expect(healed, stream).toBeGreaterThan(0);
  expect(none).toEqual([]);

  const tables = [];
  for (const bot of bots) {
    const audit = await bot.audit();
    expect(audit).toMatchObject({ ledger_equals_exchange: true, duplicates: 0, lost: 0, findings: [] });
    const decisions = await bot.decisions();
    expect(compareWithFiles(decisions, { [BTC]: file }).differences).toEqual([]);
    tables.push({ candles: await candleRows(bot), votes: votesOf(decisions) });
  }
  const [told, asking] = tables;
  if (told === undefined || asking === undefined) throw new Error('two bots');

  // Each began and ended when it did; what both collected is the same row for row, and all that the file has.
  const from = Math.max(...tables.map(({ candles }) => candles[0]?.ts.getTime() ?? 0));
  const until = Math.min(...tables.map(({ candles }) => candles.at(-1)?.ts.getTime() ?? 0));
  const within = (ts: Date | string) => new Date(ts).getTime() >= from && new Date(ts).getTime() <= until;
  const common = told.candles.filter(({ ts }) => within(ts));
  expect(common).toEqual(asking.candles.filter(({ ts }) => within(ts)));
  expect(common.map(({ ts, close }) => ({ candle: ts.toISOString(), close: Number(close) }))).toEqual(
    readCloses(file)
      .filter(({ candle }) => within(candle))
      .map(({ candle, close }) => ({ candle, close: Number(close) })),
  );
  const both = [...told.votes.keys()].filter((candle) => asking.votes.has(candle));
  expect(both.map((candle) => told.votes.get(candle))).toEqual(both.map((candle) => asking.votes.get(candle)));
  expect(both.length).toBeGreaterThan(0);

  const [toldEnd, askingEnd] = await Promise.all([bots[0].stop(), bots[1].stop()]);
  for (const { summary } of [toldEnd, askingEnd]) {
    expect(summary).toMatchObject({ candles: { missing: 0 }, ledger_equals_exchange: true });
  }
  expect(cuts()).toBeGreaterThan(5);
  for (const what of ['prices', 'orders']) {
    expect(toldEnd.said).toContain(`the exchange's stream of ${what} is there`);
    expect(toldEnd.said).toContain(`no stream of ${what} from the exchange`);
  }
  expect(askingEnd.said).not.toContain('stream of');
});
