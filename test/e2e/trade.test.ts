import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeNervousMarkets } from '../../cli/demo/nervous-market.ts';
import { withEmbeddedDatabase } from '../../cli/up/embedded-database.ts';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { freePort } from '../../cli/up/ports.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { candleFile } from '../exchange/paper/paper.ts';
import { compareWithFiles, type DecisionRow, readCloses } from '../support/recomputed-decisions.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';
import { findOverspending } from './market-money.ts';

beforeAll(() => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
});

async function openBot(): Promise<BotFolder> {
  const bot = await openBotFolder();
  onTestFinished(() => bot.remove());
  return bot;
}

interface EndedRun {
  readonly db: Db;
  readonly decisions: readonly DecisionRow[];
}

/** What a run that has ended left in its database, and its decisions as the command prints them. */
async function afterwards(bot: BotFolder, look: (run: EndedRun) => Promise<void>): Promise<void> {
  const port = await freePort();
  await withEmbeddedDatabase({ dataDir: bot.dataDir, port, command: 'a test' }, async (url) => {
    const db = connectDatabase(url, { applicationName: 'test' });
    try {
      const listed = await bot.run(['decisions', '--json', '--limit', '100000'], { DATABASE_URL: url });
      expect(listed.code, listed.stderr).toBe(0);
      await look({ db, decisions: JSON.parse(listed.stdout) });
    } finally {
      await db.destroy();
    }
  });
}

/** What closed by the candle files from each market's first trade on until the newest stored candle, `market open`, sorted. */
async function closedByTheFiles(db: Db, files: Readonly<Record<string, string>>): Promise<string[]> {
  const { rows } = await sql<{ market: string; since: Date; newest: Date }>`
    SELECT a.market, a.trading_since AS since, max(c.ts) AS newest
    FROM market_accounts a JOIN candles c ON c.market = a.market
    WHERE a.trading_since IS NOT NULL GROUP BY a.market, a.trading_since`.execute(db);
  return rows
    .flatMap(({ market, since, newest }) =>
      readCloses(files[market] ?? '')
        .filter(({ candle }) => candle >= since.toISOString() && candle <= newest.toISOString())
        .map(({ candle }) => `${market} ${candle}`),
    )
    .sort();
}

interface OrderRow {
  readonly market: string;
  readonly identifier: string;
  readonly exchange_order_id: string | null;
  readonly status: string;
  readonly executed_quantity: string;
  readonly booked: string;
}

async function orderRows(db: Db): Promise<readonly OrderRow[]> {
  const { rows } = await sql<OrderRow>`
    SELECT market, identifier, exchange_order_id, status, executed_quantity::text,
           (SELECT coalesce(sum(quantity), 0) FROM trades WHERE order_id = orders.id)::text AS booked
    FROM orders ORDER BY identifier`.execute(db);
  return rows;
}

/** Identifiers of all orders in the exchange's own file, as it left it. */
function identifiersAtTheExchange(dataDir: string): string[] {
  const { ledger } = JSON.parse(readFileSync(join(dataDir, 'exchange', 'snapshot.json'), 'utf8'));
  return ledger.orders.map((order: { request: { identifier: string } }) => order.request.identifier).sort();
}

function candlesOf(decisions: readonly DecisionRow[]): string[] {
  return decisions.map(({ market, candle }) => `${market} ${candle}`).sort();
}

/** Recorded minutes of a real market where they lie beside the project, else some made to look like them. */
const source = candleSource('202301_KRW-BTC_ohlcv.csv');

function candleSource(file: string): { readonly name: string; readonly path: string } {
  const shared = join(import.meta.dirname, '..', '..', '..', 'shared', 'candles', file);
  return existsSync(shared)
    ? { name: 'recorded market data', path: shared }
    : { name: 'invented data: there is no ../shared/candles', path: candleFile(file) };
}

/** Servers and workers, and the two keepers, under which a server goes on while nobody looks after it. */
const PARTS = [
  ...['collector', 'trader', 'postgres-server', 'exchange', 'temporal-server', 'optimizer'],
  ...['postgres', 'temporal'],
];

describe('trading', () => {
  it('of three markets decides once per candle and orders once per decision while each part is killed', {
    timeout: 240_000,
  }, async () => {
    const bot = await openBot();
    const paths = writeNervousMarkets(bot.dataDir, 1);
    const files = Object.fromEntries(paths.map((path) => [`KRW-${basename(path).slice(0, 3)}`, path]));
    const replay = paths.flatMap((path) => ['--replay', path]);
    // Two seconds a candle: while other tests keep the machine busy, most are still decided in time. The last part is
    // killed some twenty seconds after ready: by then or in the eight candles after it each market turns, and orders.
    const { finished } = bot.start(['up', '--feed', 'replay', ...replay, '--speed', '30', '--json', '--for', '36s']);
    await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
    for (const [turn, part] of PARTS.entries()) {
      // Not always at the same moment of a candle.
      await sleep(1_900 + 170 * turn);
      process.kill(bot.pidOf(part), 'SIGKILL');
    }

    const { code, stdout, stderr } = await finished;
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ candles: { missing: 0 }, ledger_equals_exchange: true });
    expect(summary.restarts).toMatchObject({
      collector: 1,
      trader: 1,
      exchange: 1,
      optimizer: 1,
      postgres: 2,
      temporal: 2,
    });

    await afterwards(bot, async ({ db, decisions }) => {
      expect(candlesOf(decisions)).toEqual(await closedByTheFiles(db, files));
      const comparison = compareWithFiles(decisions, files);
      expect(comparison.differences).toEqual([]);
      const voted = decisions.filter(({ signals }) => signals !== null).map(({ market }) => market);
      expect(await findOverspending(db)).toEqual([]);

      const orders = await orderRows(db);
      const placed = orders.filter(({ exchange_order_id }) => exchange_order_id !== null);
      for (const market of Object.keys(files)) {
        expect(voted.filter((one) => one === market).length, market).toBeGreaterThanOrEqual(3);
        expect(placed.filter((order) => order.market === market).length, market).toBeGreaterThanOrEqual(1);
      }
      expect(identifiersAtTheExchange(bot.dataDir)).toEqual(placed.map(({ identifier }) => identifier));
      for (const { identifier, status, executed_quantity, booked } of placed) {
        expect(['filled', 'canceled', 'open'], identifier).toContain(status);
        expect(Number(booked), identifier).toBe(Number(executed_quantity));
      }
      const notPlaced = orders.filter(({ exchange_order_id }) => exchange_order_id === null);
      for (const { identifier, status } of notPlaced) expect(['unknown', 'expired'], identifier).toContain(status);
    });
  });

  it(`of one market decides as its candle file says, recomputed (${source.name})`, { timeout: 120_000 }, async () => {
    const bot = await openBot();
    const files = { 'KRW-BTC': source.path };

    const run = ['up', '--feed', 'replay', '--replay', source.path, '--speed', '60', '--json', '--for', '9s'];
    const { code, stdout, stderr } = await bot.run(run);

    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ candles: { missing: 0 }, ledger_equals_exchange: true });
    await afterwards(bot, async ({ db, decisions }) => {
      expect(candlesOf(decisions)).toEqual(await closedByTheFiles(db, files));
      const comparison = compareWithFiles(decisions, files);
      expect(comparison.differences).toEqual([]);
      expect(comparison.compared).toBeGreaterThanOrEqual(3);
    });
  });
});
