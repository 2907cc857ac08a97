import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SIZING, sizeBuy, sizeSell } from '../../strategy/sizing.ts';
import { isOnTick } from '../../strategy/tick-size.ts';

describe('a buy', () => {
  test.each([
    // 150,803,000 × 1.0015 = 151,029,204.5; 10,000,000 / (151,030,000 × 1.001) = 0.0661458649…
    { close: '150803000', krw: '10000000', price: '151030000', volume: '0.06614586' },
    // 3,868 × 1.0015 = 3,873.802; 10,000 / (3,874 × 1.001) = 2.5787325…
    { close: '3868', krw: '10000', price: '3874', volume: '2.57873257' },
    // 1,000 × 1.0015 = 1,001.5
    { close: '1000', krw: '1003002', price: '1002', volume: '1000' },
    // 2,000,000 × 1.0015 = 2,003,000 is on the grid: nothing to round.
    { close: '2000000', krw: '2005003', price: '2003000', volume: '1' },
    // A won less is a hundred-millionth less.
    { close: '2000000', krw: '2005002.99', price: '2003000', volume: '0.99999999' },
    // 99.9 × 1.0015 = 100.04985 lies in the band of whole won.
    { close: '99.9', krw: '10110.1', price: '101', volume: '100' },
    // 0.00000001 × 1.0015 rounds up to twice the price: the finest tick is coarse there.
    { close: '0.00000001', krw: '10000', price: '0.00000002', volume: '499500499500.49950049' },
  ])('of $krw KRW at a close of $close: $volume at $price', ({ close, krw, price, volume }) => {
    expect(sizeBuy(close, krw)).toEqual({ kind: 'order', side: 'buy', price, volume });
  });

  test('exactly at the minimum is sent, a hundred-millionth of a coin less is not', () => {
    const free = { aggressiveness: '0', feeRate: '0', feeBuffer: '0' };

    expect(sizeBuy('5000', '5000', free)).toMatchObject({ kind: 'order', volume: '1' });
    expect(sizeBuy('5000', '4999.99999999', free)).toEqual({
      kind: 'none',
      reason: '4999.99999999 KRW to buy with is an order of 4999.99995 KRW, below the minimum of 5000 KRW',
    });
  });

  test('5,000 KRW do not pay for price and fee of the minimum', () => {
    expect(sizeBuy('3868', '5000')).toMatchObject({ kind: 'none' });
  });

  test.each(['0', '-10000', 'NaN'])('of %s KRW is none', (krw) => {
    expect(sizeBuy('3868', krw)).toMatchObject({ kind: 'none' });
  });

  test('without a price is none', () => {
    expect(sizeBuy('0', '10000')).toEqual({ kind: 'none', reason: 'a close of 0 KRW gives no price to buy at' });
  });
});

describe('a sell', () => {
  test.each([
    // 150,803,000 × 0.9985 = 150,576,795.5
    { close: '150803000', quantity: '0.06614585', price: '150576000', volume: '0.06614585' },
    // 3,868 × 0.9985 = 3,862.198
    { close: '3868', quantity: '2.578733279', price: '3862', volume: '2.57873327' },
    // 1,000,000 × 0.9985 = 998,500 lies in the band of 500 won.
    { close: '1000000', quantity: '1', price: '998500', volume: '1' },
    // 2,000,000 × 0.9985 = 1,997,000 is on the grid.
    { close: '2000000', quantity: '1', price: '1997000', volume: '1' },
  ])('of $quantity at a close of $close: $volume at $price', ({ close, quantity, price, volume }) => {
    expect(sizeSell(close, quantity)).toEqual({ kind: 'order', side: 'sell', price, volume });
  });

  test('exactly at the minimum is sent, below it not', () => {
    // 5,007 × 0.9985 = 4,999.4895, down to 4,999; 5,010 × 0.9985 = 5,002.485, down to 5,000.
    expect(sizeSell('5010', '1')).toMatchObject({ kind: 'order', price: '5000', volume: '1' });
    expect(sizeSell('5007', '1')).toEqual({
      kind: 'none',
      reason: '1 coins to sell with is an order of 4999 KRW, below the minimum of 5000 KRW',
    });
  });

  test('of nothing, or at a price that rounds to nothing, is none', () => {
    expect(sizeSell('3868', '0')).toMatchObject({ kind: 'none' });
    expect(sizeSell('0.00000001', '1000000000000')).toEqual({
      kind: 'none',
      reason: 'a close of 0.00000001 KRW gives no price to sell at',
    });
  });
});

const decimal = (wholeDigits: number, decimals: number) =>
  fc
    .tuple(
      fc.integer({ min: 1, max: wholeDigits }),
      fc.nat({ max: decimals }),
      fc.noShrink(fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 20, maxLength: 20 })),
    )
    .map(([whole, behind, digits]) =>
      new Decimal(`${digits.slice(0, whole)}.${digits.slice(10, 10 + behind)}1`).toFixed(),
    );

/** decimal.js' usual 20 digits would round price × volume, and the check with it. */
const Exact = Decimal.clone({ precision: 60 });

test('any order is on the grid, within the money, and as large as the money allows', () => {
  fc.assert(
    fc.property(decimal(9, 7), decimal(10, 7), (close, means) => {
      const buy = sizeBuy(close, means);
      const sell = sizeSell(close, means);

      if (buy.kind === 'order') {
        const price = new Exact(buy.price);
        const perCoin = price.times('1.001');
        expect(isOnTick(price)).toBe(true);
        expect(price.gte(new Exact(close).times('1.0015'))).toBe(true);
        expect(perCoin.times(buy.volume).lte(means)).toBe(true);
        expect(perCoin.times(new Exact(buy.volume).plus('0.00000001')).gt(means)).toBe(true);
      }
      if (sell.kind === 'order') {
        expect(isOnTick(sell.price)).toBe(true);
        expect(new Exact(sell.price).lte(new Exact(close).times('0.9985'))).toBe(true);
        expect(new Exact(means).minus(sell.volume).toNumber()).toBeLessThan(1e-8);
      }
      for (const order of [buy, sell]) {
        if (order.kind === 'order') expect(new Exact(order.price).times(order.volume).gte(5000)).toBe(true);
      }
    }),
    { examples: [['0.1591', '8698857028.91']] },
  );
});

test('the parameters are those of the reference unless others are given', () => {
  expect(DEFAULT_SIZING).toEqual({ aggressiveness: '0.0015', feeRate: '0.0005', feeBuffer: '0.0005' });
  expect(sizeBuy('100000', '1000000', { aggressiveness: '0.01', feeRate: '0.001', feeBuffer: '0' })).toEqual({
    kind: 'order',
    side: 'buy',
    price: '101000',
    volume: '9.891099',
  });
});
