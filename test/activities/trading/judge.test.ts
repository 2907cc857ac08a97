import { describe, expect, test } from 'vitest';
import { judge } from '../../../activities/trading/judge.ts';
import type { Order } from '../../../db/orders.ts';
import { DEFAULT_ENSEMBLE } from '../../../strategy/ensemble.ts';
import { DEFAULT_SIZING } from '../../../strategy/sizing.ts';
import { candleAt } from '../../support/candles.ts';
import { TRADED } from '../../support/trading-scene.ts';

/** Each close a thousand won above the one before: every strategy wants to buy. */
const rising = Array.from({ length: 30 }, (_, n) => candleAt(n, { close: String(100_000_000 + n * 1_000) }));

const judgedWith: Parameters<typeof judge>[0] = {
  ...{ market: TRADED.market, timeframe: TRADED.timeframe, ensemble: DEFAULT_ENSEMBLE, threshold: undefined },
  window: { candles: rising, spanned: true },
  owned: {
    ...{ account: TRADED.account, market: TRADED.market, averageCost: '0', tradingSince: undefined },
    holdings: { cash: '1000000', quantity: '0', cost: '0', realisedProfit: '0' },
    reserved: { cash: '0', quantity: '0' },
    free: { cash: '1000000', quantity: '0' },
  },
  unfinished: undefined,
  trading: { state: 'active', reason: null },
  exchangeFreeKrw: '1000000',
  sizing: DEFAULT_SIZING,
};
const judged = (changes: Partial<Parameters<typeof judge>[0]>) => judge({ ...judgedWith, ...changes });

describe('a purchase', () => {
  test('is ordered for what is free', () => {
    expect(judged({})).toMatchObject({ action: 'buy', order: { side: 'buy' } });
  });

  test('is not ordered, and says why, when the exchange could not be asked what is free', () => {
    const { action, reason, order } = judged({ exchangeFreeKrw: '0' });
    expect([action, order]).toEqual(['buy', null]);
    expect(reason).toContain('or could not be asked in time');
  });
});

test.each(['sending', 'open', 'unknown'] as const)(
  'a wish is blocked while an order is %s, its vote kept',
  (status) => {
    const { action, reason, vote, order } = judged({ unfinished: { identifier: 'the-order', status } as Order });
    expect([action, order]).toEqual(['blocked', null]);
    expect(reason).toContain(`order the-order is still ${status}`);
    expect(vote?.signals).toMatchObject({ trend: 1 });
  },
);

test('a wish is blocked so even where no money is left to act on it', () => {
  const unfinished = { identifier: 'the-order', status: 'unknown' } as Order;
  expect(judged({ unfinished, exchangeFreeKrw: '0' }).action).toBe('blocked');
});

test('a wish is blocked while trading is halted, its vote kept and the reason told', () => {
  const { action, reason, vote, order } = judged({ trading: { state: 'halted', reason: 'exchange notice' } });
  expect([action, order]).toEqual(['blocked', null]);
  expect(reason).toMatch(/; trading is halted: exchange notice$/);
  expect(vote?.signals).toMatchObject({ trend: 1 });
});

test('while trading is reducing purchases are blocked and sales are not', () => {
  const trading = { state: 'reducing', reason: null } as const;
  const falling = rising.map((candle, n) => ({ ...candle, close: String(100_000_000 - n * 1_000) }));
  const { owned } = judgedWith;
  expect(judged({ trading })).toMatchObject({ action: 'blocked', order: null });
  const holding = { ...owned, free: { cash: '0', quantity: '1' } };
  const sale = judged({ trading, window: { candles: falling, spanned: true }, owned: holding });
  expect(sale).toMatchObject({ action: 'sell', order: { side: 'sell' } });
});

test('nothing is voted on over a gap', () => {
  const { action, vote } = judged({ window: { candles: rising, spanned: false } });
  expect([action, vote]).toEqual(['blocked', null]);
});
