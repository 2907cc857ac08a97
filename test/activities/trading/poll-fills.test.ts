import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openOrderNews } from '../../../activities/news/order-news.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { createTradingActivities } from '../../../activities/trading.ts';
import { requireOrder } from '../../../db/orders.ts';
import { readTrades } from '../../../db/trades.ts';
import type { Exchange, ExchangeOrder, Fill } from '../../../exchange/port.ts';
import { Exact } from '../../../strategy/exact-decimal.ts';
import { stepOf, toldLines } from '../../support/told-lines.ts';
import { openTradingScene, TRADED } from '../../support/trading-scene.ts';

/** An accepted order, and what the exchange is made to show of it when half of it, or all, has filled. */
async function openOrder() {
  const scene = await openTradingScene();
  const { identifier, deadline } = await scene.decideUntilOrder();
  await placeOrder(scene.deps, identifier);
  const there = (await scene.exchange.fetchOrder({ identifier })) as ExchangeOrder;
  const { price, quantity } = await requireOrder(scene.db, identifier);
  const first = new Exact(quantity).div(2).toDecimalPlaces(8, Exact.ROUND_DOWN);
  const fill = (exchangeTradeId: string, volume: Exact): Fill => {
    return {
      exchangeTradeId,
      price,
      volume: volume.toFixed(),
      funds: volume.times(price).toFixed(),
      executedAt: deadline,
    };
  };
  const show = (state: ExchangeOrder['state'], ...fills: Fill[]): ExchangeOrder => {
    const sum = (of: 'volume' | 'funds') => fills.reduce((all, one) => all.plus(one[of]), new Exact(0));
    const paidFee = sum('funds').times('0.0005').toFixed();
    return { ...there, state, fills, executedVolume: sum('volume').toFixed(), paidFee };
  };
  const half = fill('half', first);
  const rest = fill('rest', new Exact(quantity).minus(first));
  return { scene, identifier, deadline, half, rest, show };
}

const bookedFills = async (scene: Awaited<ReturnType<typeof openTradingScene>>) =>
  (await readTrades(scene.db, { account: TRADED.account, limit: 10 }))
    .map((trade) => trade.exchange_trade_id)
    .reverse();

describe('a resting order', () => {
  it('is looked at until it has ended, and each fill is booked when it is seen', async () => {
    const { scene, identifier, deadline, half, rest, show } = await openOrder();
    scene.answerNext('fetchOrder', show('wait'));
    scene.answerNext('fetchOrder', show('wait', half));
    scene.answerNext('fetchOrder', show('done', half, rest));
    const seen: string[][] = [];
    const { fetchOrder } = scene.deps.exchange;
    const exchange = new Proxy(scene.deps.exchange as Exchange, {
      get: (target, name: keyof Exchange) =>
        name !== 'fetchOrder'
          ? target[name]
          : async (reference: Parameters<typeof fetchOrder>[0]) => {
              seen.push(await bookedFills(scene));
              return fetchOrder(reference);
            },
    });

    const { pollOrderFills } = createTradingActivities({ ...scene.deps, exchange });
    const state = await pollOrderFills({ identifier, until: deadline });

    expect(state).toMatchObject({ status: 'filled', final: true });
    expect(seen).toEqual([[], [], ['half']]);
    expect(await bookedFills(scene)).toEqual(['half', 'rest']);
  });

  it('is left at the deadline as it is then, its fills so far booked', async () => {
    const { scene, identifier, deadline, half, show } = await openOrder();
    for (let looks = 0; looks < 3; looks += 1) scene.answerNext('fetchOrder', show('wait', half));
    const { pollOrderFills } = createTradingActivities(scene.deps);
    const polling = pollOrderFills({ identifier, until: deadline });
    // While it is watched the deadline comes.
    scene.pass(1_000);

    expect(await polling).toMatchObject({ status: 'open', final: false });
    expect(await bookedFills(scene)).toEqual(['half']);
    expect(scene.calls('cancelOrder')).toBe(0);
  });
});

/** A fortieth of it, a second, is the pause between two looks. */
const REAL_TIME_MS = 60_000;

describe('a resting order that the exchange tells of', () => {
  /** In real time, with an exchange that shows what the test says. */
  async function watched() {
    const { scene, identifier, deadline, half, rest, show } = await openOrder();
    const { account, tellAccount } = toldLines();
    const at = { now: show('wait'), looks: 0 };
    const exchange = new Proxy(scene.deps.exchange as Exchange, {
      get: (target, name: keyof Exchange) =>
        name !== 'fetchOrder'
          ? target[name]
          : async () => {
              at.looks += 1;
              return at.now;
            },
    });
    const deps = { ...scene.deps, exchange, intervalMs: REAL_TIME_MS };
    const { pollOrderFills } = createTradingActivities({ ...deps, orderNews: openOrderNews(account, () => undefined) });
    return {
      at,
      tell: () => tellAccount(stepOf(identifier)),
      poll: () => pollOrderFills({ identifier, until: deadline }),
      looked: (times: number) => expect.poll(() => at.looks, { interval: 1 }).toBe(times),
      booked: () => bookedFills(scene),
      partly: show('wait', half),
      whole: show('done', half, rest),
    };
  }

  it('is looked at when it is told of, long before the pause is over', async () => {
    const { at, tell, poll, looked, booked, partly, whole } = await watched();
    at.now = partly;
    const polling = poll();
    await looked(1);
    const began = performance.now();
    at.now = whole;
    tell();

    expect(await polling).toMatchObject({ status: 'filled', final: true });
    expect(performance.now() - began).toBeLessThan(900);
    expect([at.looks, await booked()]).toEqual([2, ['half', 'rest']]);
  });

  it('and was told of while it was looked at is looked at once more', async () => {
    const { at, tell, poll, looked, whole } = await watched();
    const polling = poll();
    tell();
    await looked(2);
    at.now = whole;
    tell();

    expect(await polling).toMatchObject({ final: true });
    expect(at.looks).toBe(3);
  });

  it('but does not show it yet is looked at in its own pace again', async () => {
    const { at, tell, poll, looked, whole } = await watched();
    const polling = poll();
    await looked(1);
    tell();
    await looked(2);
    const sawNothing = performance.now();
    at.now = whole;

    expect(await polling).toMatchObject({ status: 'filled', final: true });
    expect(performance.now() - sawNothing).toBeGreaterThan(900);
    expect(at.looks).toBe(3);
  });

  it('a hundred times in a second is looked at no more than four times in that second', async () => {
    const { at, tell, poll, looked, whole } = await watched();
    const polling = poll();
    await looked(1);
    for (const until = performance.now() + 1_000; performance.now() < until; ) {
      tell();
      await sleep(10);
    }
    // The first that was told at once, then one in each quarter of a second.
    expect(at.looks).toBeGreaterThanOrEqual(3);
    expect(at.looks).toBeLessThanOrEqual(1 + 1 + 4);
    at.now = whole;
    tell();
    expect(await polling).toMatchObject({ final: true });
  });
});
