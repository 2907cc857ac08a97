import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import {
  addToHoldings,
  applyBuyFill,
  applySellFill,
  averageCost,
  costOf,
  EMPTY_HOLDINGS,
  type FillFigures,
  feeDifferenceChange,
  feeOf,
  type Holdings,
} from '../../strategy/position.ts';

const held = (cash: string, quantity: string, cost: string, realisedProfit = '0'): Holdings => ({
  cash,
  quantity,
  cost,
  realisedProfit,
});
const fillOf = (quantity: string, price: string): FillFigures => {
  const funds = decimalText(new Exact(quantity).times(price));
  return { quantity, funds, fee: feeOf(funds, '0.0005') };
};

describe('a purchase', () => {
  test.each([
    ['from nothing', held('10000', '0', '0'), fillOf('2', '1000'), held('7999', '2', '2001')],
    ['on top', held('7999', '2', '2001'), fillOf('1', '1100'), held('6898.45', '3', '3101.55')],
    [
      'of dust, to the last digit',
      held('1', '0', '0'),
      fillOf('0.00000001', '0.00012345'),
      held('0.9999999999987648827500', '0.00000001', '0.00000000000123511725'),
    ],
  ])('%s', (_, before, fill, after) => {
    const result = applyBuyFill(before, fill);
    expect(result).toEqual({ ...after, cash: decimalText(new Exact(after.cash)) });
  });
});

describe('a sale', () => {
  test.each([
    ['of all at a profit', held('0', '2', '2001'), fillOf('2', '1100'), held('2198.9', '0', '0', '197.9')],
    ['of all at a loss', held('5', '2', '2001'), fillOf('2', '900'), held('1804.1', '0', '0', '-201.9')],
    ['of a part', held('0', '4', '4002'), fillOf('1', '1100'), held('1099.45', '3', '3001.5', '98.95')],
    // 100 / 3 has no end: the part sold takes 33.33333333, the rest keeps what rounding left.
    [
      'of a third',
      held('0', '3', '100'),
      { quantity: '1', funds: '50', fee: '0' },
      held('50', '2', '66.66666667', '16.66666667'),
    ],
    // More digits than a share keeps: the part taken must not exceed the whole.
    [
      'of most of what cost next to nothing',
      held('0', '2', '0.000000016'),
      { quantity: '1.9', funds: '1', fee: '0' },
      held('1', '0.1', '0.000000006', '0.99999999'),
    ],
    [
      'of a half that does not divide',
      held('0', '2', '0.00000005'),
      { quantity: '1', funds: '1', fee: '0' },
      held('1', '1', '0.00000003', '0.99999998'),
    ],
  ])('%s', (_, before, fill, after) => {
    expect(applySellFill(before, fill)).toEqual(after);
  });

  it('of more than is held is refused', () => {
    expect(() => applySellFill(held('0', '1', '100'), fillOf('1.00000001', '100'))).toThrow(RangeError);
  });

  it('of all in parts removes all of the cost, whatever the parts', () => {
    let position = held('0', '3', '100');
    for (const part of ['1', '0.99999999', '1.00000001']) position = applySellFill(position, fillOf(part, '50'));
    expect(position).toMatchObject({ quantity: '0', cost: '0' });
  });
});

describe('any history of fills', () => {
  const coins = fc.integer({ min: 1, max: 10_000_000_000 }).map((n) => decimalText(new Exact(n).div(1e8)));
  const price = fc.integer({ min: 1, max: 2_000_000_000 }).map((n) => decimalText(new Exact(n).div(1e4)));

  it('keeps cash + cost − profit to the last digit, and never a cost without coins', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), coins, price), { maxLength: 30 }), (history) => {
        let position = held('1000000', '0', '0');
        for (const [buys, quantity, at] of history) {
          const part = decimalText(Exact.min(quantity, position.quantity));
          if (!buys && part === '0') continue;
          position = buys ? applyBuyFill(position, fillOf(quantity, at)) : applySellFill(position, fillOf(part, at));
          const kept = new Exact(position.cash).plus(position.cost).minus(position.realisedProfit);
          expect(kept.toFixed()).toBe('1000000');
          expect(new Exact(position.cost).gte(0)).toBe(true);
          if (position.quantity === '0') expect(position.cost).toBe('0');
        }
      }),
    );
  });
});

describe('a fee the exchange took otherwise', () => {
  test.each([
    ['more for coins held: they cost more', 'bid', held('100', '1', '50'), '3', held('-3', '0', '3')],
    ['less for coins held: they cost less', 'bid', held('100', '1', '50'), '-3', held('3', '0', '-3')],
    [
      'less than the coins cost at all: the rest is profit',
      'bid',
      held('100', '1', '2'),
      '-3',
      held('3', '0', '-2', '1'),
    ],
    ['more for coins sold again: less profit', 'bid', held('100', '0', '0'), '3', held('-3', '0', '0', '-3')],
    ['more for a sale: less profit', 'ask', held('100', '1', '50'), '3', held('-3', '0', '0', '-3')],
    ['less for a sale: more profit', 'ask', held('100', '1', '50'), '-3', held('3', '0', '0', '3')],
  ] as const)('%s', (_, side, before, difference, change) => {
    expect(feeDifferenceChange(before, side, difference)).toEqual(change);
    const after = addToHoldings(before, change);
    const worth = (one: Holdings) => new Exact(one.cash).plus(one.cost).minus(one.realisedProfit).toFixed();
    expect(worth(after)).toBe(worth(before));
  });
});

test('the average cost is rounded for show; without coins it is 0', () => {
  expect(averageCost(held('0', '3', '100'))).toBe('33.33333333');
  expect(averageCost(EMPTY_HOLDINGS)).toBe('0');
  expect(costOf(held('0', '3', '100'), '3')).toBe('100');
});
