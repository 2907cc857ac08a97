import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
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
import { killInTurn, ROUNDS } from './kill-in-turn.ts';
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

/** Starts it and waits until it is ready. */
async function startReady(bot: BotFolder, args: readonly string[]) {
  const { child, finished } = bot.start(['up', ...args, '--json']);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await finished;
  });
  await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
  return {
    stop: () => {
      child.kill('SIGTERM');
      return finished;
    },
  };
}

/** Waits until a query of the running bot's database, whose parts may be coming back, gives these markets. */
async function untilListed(bot: BotFolder, markets: readonly string[], query: RawBuilder<{ market: string }>) {
  const db = connectDatabase(readRunningInstance(bot.dataDir)?.databaseUrl ?? '', { applicationName: 'test' });
  try {
    await expect
      .poll(async () => (await query.execute(db)).rows.map(({ market }) => market), { timeout: 60_000, interval: 100 })
      .toEqual(markets.toSorted());
  } finally {
    await db.destroy();
  }
}

/** Waits until each market has decided by its strategies so often since then. */
function untilVoted(
  bot: BotFolder,
  { markets, since, times }: { readonly markets: readonly string[]; readonly since: Date; readonly times: number },
): Promise<void> {
  return untilListed(
    bot,
    markets,
    sql`SELECT market FROM decisions WHERE signals IS NOT NULL AND decided_at > ${since}
        GROUP BY market HAVING count(*) >= ${times} ORDER BY market`,
  );
}

/** Waits until the exchange has had an order of each market. */
function untilPlaced(bot: BotFolder, markets: readonly string[]): Promise<void> {
  return untilListed(
    bot,
    markets,
    sql`SELECT DISTINCT market FROM orders WHERE exchange_order_id IS NOT NULL ORDER BY market`,
  );
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
      const listed = await bot.runHere(['decisions', '--json', '--limit', '100000'], { DATABASE_URL: url });
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

describe('trading', () => {
  it('of three markets decides once per candle and orders once per decision while each part is killed', {
    timeout: 240_000,
  }, async () => {
    const bot = await openBot();
    const paths = writeNervousMarkets(bot.dataDir, 1);
    const files = Object.fromEntries(paths.map((path) => [`KRW-${basename(path).slice(0, 3)}`, path]));
    const replay = paths.flatMap((path) => ['--replay', path]);
    // Two seconds a candle: while other tests keep the machine busy, most are still decided in time.
    const run = await startReady(bot, ['--feed', 'replay', ...replay, '--speed', '30']);
    for (const names of Object.values(ROUNDS)) await killInTurn(bot, names);
    // Whole again, each market decides once more, which is the third time at least, and has ordered.
    await untilVoted(bot, { markets: Object.keys(files), since: new Date(), times: 1 });
    await untilVoted(bot, { markets: Object.keys(files), since: new Date(0), times: 3 });
    await untilPlaced(bot, Object.keys(files));

    const { code, stdout, stderr } = await run.stop();
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

    const run = await startReady(bot, ['--feed', 'replay', '--replay', source.path, '--speed', '60']);
    await untilVoted(bot, { markets: Object.keys(files), since: new Date(0), times: 4 });
    const { code, stdout, stderr } = await run.stop();

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
