import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { createMarketDataActivities, type FetchedCandles } from '../../../activities/market-data.ts';
import { openMinuteNews } from '../../../activities/news/minute-news.ts';
import { openOrderNews } from '../../../activities/news/order-news.ts';
import { decideOnce } from '../../../activities/trading/decide.ts';
import { createTradingActivities } from '../../../activities/trading.ts';
import { auditAccount } from '../../../cli/audit/audit.ts';
import { USUAL_BOOK } from '../../../exchange/matching/book/parameters.ts';
import { createUpbitLiveAccount, createUpbitLiveMarkets } from '../../../exchange/upbit/stream/live.ts';
import { writeLeapingMarkets } from '../../chaos/market-files.ts';
import { temporaryFolder } from '../../exchange/paper/paper.ts';
import { startCuttingProxy } from '../../support/cutting-proxy.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const CANDLES = 30;
/** Instants of a candle's second, in wall ms after the close before it. */
const [TOO_SOON, DECIDES, CANCELS] = [20, 100, 730];
const INTERVAL_MS = 1_000;
const MINUTE = 60_000;

/** The steps of a bot at one instant of market time each, so that only what wakes it may differ. */
type Bot = ReturnType<typeof botOf>;

function botOf(scene: TradingScene, told: Told | undefined) {
  const pace = { clock: scene.deps.clock, intervalMs: INTERVAL_MS, leadMs: 0 };
  const market = { exchange: scene.exchange, db: scene.db };
  return {
    scene,
    ...createMarketDataActivities({ ...market, ...pace, told: told && { minutes: told.minutes, attemptMs: 2_000 } }),
    ...createTradingActivities({ ...scene.deps, orderNews: told?.orders }),
    // Market time stands still while an order is sent, and no stall of the machine is to make it late: it has real minutes.
    placeOrder: createTradingActivities({ ...scene.deps, intervalMs: MINUTE }).placeOrder,
  };
}

type Told = Awaited<ReturnType<typeof listen>>;

/** Streams of the scene's exchange, which are cut again and again. */
async function listen({ at }: TradingScene, say: (line: string) => void) {
  const proxy = await startCuttingProxy(Number(new URL(at.url).port), { seed: 7, longestMs: 400 });
  const timing = { firstRetryMs: 10, longestRetryMs: 50, settleMs: 50 };
  const options = { baseUrl: proxy.url, timing, connectPace: () => 0 };
  const minutes = openMinuteNews(createUpbitLiveMarkets(options), [TRADED.market], say);
  const orders = openOrderNews(createUpbitLiveAccount({ ...options, keys: at.keys }), say);
  onTestFinished(async () => {
    await Promise.all([minutes.close(), orders.close()]);
    proxy.close();
  });
  return { minutes, orders, cuts: proxy.cuts };
}

/** Lets market time go on in small steps, as it goes on while somebody waits. */
async function passTo(bot: Bot, from: number, until: number): Promise<void> {
  for (let at = from; at < until; ) {
    const step = Math.min(50, until - at);
    await sleep(4);
    bot.scene.pass(step);
    at += step;
  }
}

/** Fetches until a page settles the newest slot, as the retry policy would have it. */
async function fetchSettled(bot: Bot): Promise<FetchedCandles> {
  for (;;) {
    try {
      return await bot.fetchCandles(TRADED);
    } catch (error) {
      if ((error as { type?: string }).type !== 'CandleNotReady') throw error;
      await sleep(5);
    }
  }
}

/** From just after a close until just after the order's deadline. */
async function liveOneCandle(bot: Bot): Promise<void> {
  const { scene } = bot;
  const fetching = fetchSettled(bot);
  await passTo(bot, TOO_SOON, DECIDES);
  const fetched = await fetching;
  await bot.upsertCandles({ ...TRADED, ...fetched });

  const candle = Math.floor((scene.deps.clock.now() ?? 0) / MINUTE) * MINUTE - MINUTE;
  const free = (await scene.exchange.fetchBalances()).find(({ currency }) => currency === 'KRW')?.free ?? '0';
  const { order, deadline } =
    fetched.candles.at(-1)?.ts === candle ? await decideOnce(scene.deps, TRADED, candle, free) : { order: null };
  if (order === null || deadline === undefined) return passTo(bot, DECIDES, CANCELS);

  await bot.placeOrder({ identifier: order });
  const [state] = await Promise.all([
    bot.pollOrderFills({ identifier: order, until: deadline }),
    passTo(bot, DECIDES, CANCELS),
  ]);
  if (state.final) return;
  await bot.cancelOrder({ identifier: order });
  await bot.pollOrderFills({ identifier: order, until: Number.POSITIVE_INFINITY });
}

async function live(feed: 'rest' | 'websocket') {
  const folder = temporaryFolder();
  const replayFiles = writeLeapingMarkets(folder, { seed: 2, markets: 1, stretches: { minutes: 400, count: 1 } });
  const scene = await openTradingScene('10000000', { exchange: { replayFiles, book: USUAL_BOOK } });
  await sql`INSERT INTO settings (key, value) VALUES ('bot_id', 'testbot1')`.execute(scene.db);
  const said: string[] = [];
  const told = feed === 'websocket' ? await listen(scene, (line) => said.push(line)) : undefined;
  const bot = botOf(scene, told);
  for (let n = 0; n < CANDLES; n += 1) {
    // A scene begins a tenth of a second after a close.
    scene.pass(n === 0 ? INTERVAL_MS - DECIDES + TOO_SOON : INTERVAL_MS - CANCELS + TOO_SOON);
    await liveOneCandle(bot);
  }
  const audit = await auditAccount({
    ...{ exchange: scene.exchange, db: scene.db, account: TRADED.account },
    ...{ openingKrw: '10000000', patienceMs: 0 },
  });
  return { tables: await dumpTables(scene.db), audit, balances: await scene.exchange.fetchBalances(), told, said };
}

it('a bot that is told by streams that break again and again writes what one that asks writes, row for row', {
  timeout: 120_000,
}, async () => {
  const [asking, told] = await Promise.all([live('rest'), live('websocket')]);

  expect(told.tables).toEqual(asking.tables);
  expect(told.balances).toEqual(asking.balances);
  expect(told.audit).toEqual(asking.audit);
  expect(told.audit).toMatchObject({ ledger_equals_exchange: true, duplicates: 0, lost: 0, in_flight: [] });
  // There was something to be told, of every kind, and many lines it was told by.
  const ends = new Set(told.tables.orders?.map((order) => (order as { status: string }).status));
  expect([...ends].sort()).toEqual(['canceled', 'filled']);
  expect(told.tables.trades?.length).toBeGreaterThan(10);
  expect(told.told?.cuts()).toBeGreaterThan(10);
  for (const what of ['prices', 'orders']) {
    expect(told.said.filter((line) => line === `the exchange's stream of ${what} is there`).length).toBeGreaterThan(3);
  }
});
