import { expect, it, onTestFinished } from 'vitest';
import { openOrderNews } from '../../../activities/news/order-news.ts';
import { createTradingActivities } from '../../../activities/trading.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import { readTrades } from '../../../db/trades.ts';
import { createUpbitLiveAccount } from '../../../exchange/upbit/stream/live.ts';
import { BTC_FILE } from '../../exchange/paper/paper.ts';
import { readCloses } from '../../support/recomputed-decisions.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

/** In real time there is a second between two looks. */
const REAL_TIME_MS = 60_000;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** An order of the ledger that rests at the exchange, below the price, until a minute of its feed reaches it. */
async function restingOrder(scene: TradingScene) {
  const { identifier, candle } = await scene.decideUntilOrder();
  const { quantity } = await requireOrder(scene.db, identifier);
  const coming = readCloses(BTC_FILE)
    .map((row) => ({ start: Date.parse(row.candle), close: Number(row.close) }))
    .filter(({ start }) => start > candle + MINUTE)
    .slice(0, 60);
  const [lowest] = coming.toSorted((a, b) => a.close - b.close);
  if (lowest === undefined) throw new Error('the candle file ends here');
  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  await scene.exchange.createOrder({
    ...{ market: TRADED.market, identifier, type: 'limit', side: 'bid' },
    ...{ price: String(lowest.close), volume: quantity },
  });
  return { identifier, fillsBy: lowest.start + MINUTE, candle };
}

it('a fill is booked as soon as the exchange tells of it, long before the next look would have come', async () => {
  const scene = await openTradingScene();
  const { identifier, fillsBy, candle } = await restingOrder(scene);
  const said: string[] = [];
  const { url: baseUrl, keys } = scene.at;
  const timing = { settleMs: 50 };
  const orderNews = openOrderNews(createUpbitLiveAccount({ baseUrl, keys, timing }), (line) => said.push(line));
  onTestFinished(() => orderNews.close());
  await expect.poll(() => said).toEqual(["the exchange's stream of orders is there"]);
  const { pollOrderFills } = createTradingActivities({ ...scene.deps, intervalMs: REAL_TIME_MS, orderNews });

  const looksBefore = scene.calls('fetchOrder');
  const polling = pollOrderFills({ identifier, until: candle + DAY });
  await expect.poll(() => scene.calls('fetchOrder'), { interval: 1 }).toBe(looksBefore + 1);
  await expect.poll(async () => (await requireOrder(scene.db, identifier)).status, { interval: 1 }).toBe('open');
  const filled = performance.now();
  scene.pass((fillsBy - candle) / 60);
  const state = await polling;

  expect(performance.now() - filled).toBeLessThan(900);
  expect(state).toMatchObject({ status: 'filled', final: true });
  expect(await readTrades(scene.db, { account: TRADED.account, limit: 10 })).not.toEqual([]);
});
