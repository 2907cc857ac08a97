import { describe, expect, test } from 'vitest';
import { Exact } from '../../../exchange/matching/exact.ts';
import type { Level } from '../../../exchange/matching/liquidity.ts';
import { lockedByOrder, type OrderRequest, remainingFee } from '../../../exchange/matching/order.ts';
import { accountWith, reasonOf } from './account.ts';

const level = (price: string, volume: string): Level => ({ price: new Exact(price), volume: new Exact(volume) });

describe('funds follow figures captured from the real exchange', () => {
  test('a limit bid of 0.0001 at 155,772,000 reserves 7.7886 and locks 15584.9886', () => {
    const account = accountWith({ KRW: '20000' });

    const order = account.order(account.submit({ price: '155772000', volume: '0.0001' }, '160000000'));

    expect(order.state).toBe('wait');
    expect(order.reservedFee.toFixed()).toBe('7.7886');
    expect(lockedByOrder(order).toFixed()).toBe('15584.9886');
    expect(account.balance('KRW')).toEqual(['4415.0114', '15584.9886']);
  });

  test('a market buy of 10,000 at 380,450 ends in cancel with the won left over refunded', () => {
    const account = accountWith({ KRW: '10005' });

    const order = account.order(account.submit({ type: 'price', price: '10000' }, '380450'));

    expect(order.state).toBe('cancel');
    expect(order.executedVolume.toFixed()).toBe('0.02628466');
    expect(order.executedFunds.toFixed()).toBe('9999.998897');
    expect(order.paidFee.toFixed()).toBe('4.9999994485');
    expect(remainingFee(order).toFixed()).toBe('0.0000005515');
    expect(lockedByOrder(order).toFixed()).toBe('0.0011035515');
    expect(account.balance('KRW')).toEqual(['0.0011035515', '0']);
  });

  test('a bid at 7365 filled at 7350 is done and still shows what it had locked too much', () => {
    const account = accountWith({ KRW: '60000' });

    const order = account.order(account.submit({ price: '7365', volume: '6.78886626' }, '7350'));

    expect(order.state).toBe('done');
    expect(order.paidFee.toFixed()).toBe('24.9490835055');
    expect(remainingFee(order).toFixed()).toBe('0.05091649695');
    expect(lockedByOrder(order).toFixed()).toBe('101.88391039695');
    expect(account.balance('KRW')).toEqual(['10076.8839054945', '0']);
  });

  test('a market sell pays its fee out of the proceeds and is done', () => {
    const account = accountWith({ XRP: '0', BTC: '3.44709897' });

    const order = account.order(account.submit({ side: 'ask', type: 'market', volume: '3.44709897' }, '1460'));

    expect(order.state).toBe('done');
    expect(order.reservedFee.toFixed()).toBe('0');
    expect(order.paidFee.toFixed()).toBe('2.5163822481');
    expect(account.balance('KRW')).toEqual(['5030.2481139519', '0']);
    expect(account.balance('BTC')).toEqual(['0', '0']);
  });
});

test('a market buy that divides without remainder is done', () => {
  const account = accountWith({ KRW: '10005' });

  const order = account.order(account.submit({ type: 'price', price: '10000' }, '100000'));

  expect(order.state).toBe('done');
  expect(account.balance('KRW')).toEqual(['0', '0']);
});

const cases: [string, Partial<OrderRequest>, string][] = [
  ['price off the tick', { price: '150000500', volume: '0.001' }, 'invalid_price_bid'],
  ['ask price off the tick', { side: 'ask', price: '150000500', volume: '0.001' }, 'invalid_price_ask'],
  ['a price that is no number', { price: 'NaN', volume: '0.001' }, 'invalid_price_bid'],
  ['nine decimals of volume', { price: '150000000', volume: '0.001000001' }, 'invalid_volume_bid'],
  ['no volume at all', { side: 'ask', price: '150000000', volume: '0' }, 'invalid_volume_ask'],
  ['a negative volume', { price: '150000000', volume: '-1' }, 'invalid_volume_bid'],
  ['less than 5,000 won', { price: '150000000', volume: '0.00003333' }, 'under_min_total_bid'],
  ['an ask of less than 5,000 won', { side: 'ask', price: '150000000', volume: '0.00003333' }, 'under_min_total_ask'],
  ['a market sell below', { side: 'ask', type: 'market', volume: '0.00003333' }, 'under_min_total_market_ask'],
  ['a market buy below', { type: 'price', price: '4999' }, 'under_min_total_bid'],
  ['more than a billion won', { price: '150000000', volume: '6.67' }, 'over_krw_funds_bid'],
  ['more won than there are', { price: '150000000', volume: '1' }, 'insufficient_funds_bid'],
  ['won for the order but not its fee', { type: 'price', price: '10000000' }, 'insufficient_funds_bid'],
  ['more coins than there are', { side: 'ask', type: 'market', volume: '1.5' }, 'insufficient_funds_ask'],
  ['a market sell with a price', { side: 'ask', type: 'market', price: '1', volume: '1' }, 'create_ask_error'],
  ['a market buy by volume', { type: 'market', volume: '1' }, 'create_bid_error'],
  ['a limit without price', { volume: '1' }, 'create_bid_error'],
  ['a market buy with ioc', { type: 'price', price: '5000', timeInForce: 'ioc' }, 'invalid_time_in_force'],
  ['best without ioc or fok', { type: 'best', price: '5000' }, 'invalid_time_in_force'],
  [
    'post_only with smp_type',
    { price: '150000000', volume: '0.001', timeInForce: 'post_only', smpType: 'reduce' },
    'invalid_post_only',
  ],
  ['an unknown smp_type', { price: '150000000', volume: '0.001', smpType: 'never' }, 'invalid_parameter'],
  ['a long identifier', { price: '150000000', volume: '0.001', identifier: 'x'.repeat(65) }, 'invalid_parameter'],
  ['the longest identifier', { price: '150000000', volume: '0.001', identifier: 'x'.repeat(64) }, 'accepted'],
  ['exactly 5,000 won', { type: 'price', price: '5000' }, 'accepted'],
];
test.each(cases)('%s', (_name, request, expected) => {
  const account = accountWith({ KRW: '10000000', BTC: '1' });

  expect(reasonOf(account.submit(request, '150000000'))).toBe(expected);
});

describe('time in force against a book with an end', () => {
  const book = { asks: [level('1000', '3'), level('1001', '4'), level('1002', '100')], bids: [level('999', '5')] };
  const limit = { price: '1001', volume: '10' } as const;

  test('without one, what is there is taken and the rest waits', () => {
    const account = accountWith({ KRW: '100000' });

    const order = account.order(account.submit(limit, book));

    expect(order.state).toBe('wait');
    expect(order.fills.map((fill) => [fill.price.toFixed(), fill.volume.toFixed()])).toEqual([
      ['1000', '3'],
      ['1001', '4'],
    ]);
    // 3,003 for the rest at its limit and 3 won saved on the first level, both with their fee.
    expect(lockedByOrder(order).toFixed()).toBe('3007.503');
  });

  test('ioc cancels the rest', () => {
    const account = accountWith({ KRW: '100000' });

    const order = account.order(account.submit({ ...limit, timeInForce: 'ioc' }, book));

    expect([order.state, order.executedVolume.toFixed()]).toEqual(['cancel', '7']);
    expect(account.balance('KRW')[1]).toBe('0');
  });

  test('fok takes all or nothing', () => {
    const account = accountWith({ KRW: '100000' });

    const whole = account.order(account.submit({ ...limit, volume: '7', timeInForce: 'fok' }, book));
    const none = account.order(account.submit({ ...limit, timeInForce: 'fok' }, book));

    expect([whole.state, whole.executedVolume.toFixed()]).toEqual(['done', '7']);
    expect([none.state, none.executedVolume.toFixed()]).toEqual(['cancel', '0']);
  });

  test('post_only waits, or is cancelled when it would take', () => {
    const account = accountWith({ KRW: '100000' });

    const taker = account.order(account.submit({ ...limit, timeInForce: 'post_only' }, book));
    const maker = account.order(account.submit({ ...limit, price: '999', timeInForce: 'post_only' }, book));

    expect([taker.state, taker.fills.length]).toEqual(['cancel', 0]);
    expect(maker.state).toBe('wait');
  });
});
