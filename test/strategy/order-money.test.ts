import { describe, expect, it, test } from 'vitest';
import {
  type OrderMoney,
  payFeeDifference,
  payFill,
  release,
  reservationOf,
  reserveWhatIsFree,
} from '../../strategy/order-money.ts';

/** Owned cash and coins (at 100 each), reserved by the market, reserved by the order. */
function money(cash: string, quantity: string, reserved: [string, string], own: [string, string]): OrderMoney {
  return {
    holdings: { cash, quantity, cost: String(Number(quantity) * 100), realisedProfit: '0' },
    reserved: { cash: reserved[0], quantity: reserved[1] },
    own: { cash: own[0], quantity: own[1] },
  };
}

describe('a reservation', () => {
  test.each([
    ['bid', { cash: '10005', quantity: '0' }],
    ['ask', { cash: '0', quantity: '10' }],
  ] as const)('of a %s is all it can take', (side, expected) => {
    expect(reservationOf({ side, price: '1000', quantity: '10', feeRate: '0.0005' })).toEqual(expected);
  });

  it('made late takes what is free and leaves what others have', () => {
    const after = reserveWhatIsFree(money('100', '0', ['70', '0'], ['0', '0']), { cash: '50', quantity: '0' });
    expect(after).toMatchObject({ reserved: { cash: '100' }, own: { cash: '30' } });
    expect(release(after)).toMatchObject({ reserved: { cash: '70' }, own: { cash: '0' } });
  });
});

describe('paying a purchase of 1 coin for 99 + 1', () => {
  const fill = { quantity: '1', funds: '99', fee: '1' };
  test.each([
    ['its own reservation', money('200', '0', ['150', '0'], ['120', '0']), '100', '50', '20', undefined],
    ['its own, then what is free', money('200', '0', ['150', '0'], ['60', '0']), '100', '90', '0', undefined],
    ['nothing left but what others reserved: cover', money('90', '0', ['90', '0'], ['0', '0']), '90', '90', '0', '100'],
    ['a part of it: cover for the rest', money('90', '0', ['60', '0'], ['10', '0']), '50', '50', '0', '60'],
  ])('from %s', (_, before, cash, reserved, own, cover) => {
    const paid = payFill('bid', before, fill);
    expect(paid.money).toMatchObject({ holdings: { cash }, reserved: { cash: reserved }, own: { cash: own } });
    expect(paid.cover?.cash).toBe(cover);
  });
});

describe('paying a sale of 2 coins for 300 − 0', () => {
  const fill = { quantity: '2', funds: '300', fee: '0' };
  test.each([
    ['its own reservation', money('0', '5', ['0', '3'], ['0', '2']), ['3', '1', '0'], undefined, '100'],
    ['its own, then what is free', money('0', '5', ['0', '3'], ['0', '1']), ['3', '2', '0'], undefined, '100'],
    // Its one coin cost 100 and brought 150; the covered one comes in at what it was sold for and adds no profit.
    ['cover for a missing coin', money('0', '1', ['0', '0'], ['0', '0']), ['0', '0', '0'], '1', '50'],
    ['cover for all', money('0', '0', ['0', '0'], ['0', '0']), ['0', '0', '0'], '2', '0'],
  ] as const)('from %s', (_, before, [quantity, reserved, own], cover, profit) => {
    const paid = payFill('ask', before, fill);
    expect(paid.money).toMatchObject({
      holdings: { cash: '300', quantity, realisedProfit: profit },
      reserved: { quantity: reserved },
      own: { quantity: own },
    });
    expect(paid.cover?.quantity).toBe(cover);
  });
});

describe('a fee difference', () => {
  it('is paid from the reservation first', () => {
    const paid = payFeeDifference('bid', money('100', '1', ['40', '0'], ['40', '0']), '5');
    expect(paid).toMatchObject({ cover: undefined, change: { cash: '-5', cost: '5' } });
    expect(paid.money).toMatchObject({ holdings: { cash: '95' }, reserved: { cash: '35' } });
  });

  it('the market cannot pay is covered', () => {
    const paid = payFeeDifference('ask', money('3', '0', ['0', '0'], ['0', '0']), '5');
    expect(paid.cover?.cash).toBe('2');
    expect(paid.money.holdings).toMatchObject({ cash: '0', realisedProfit: '-5' });
  });

  it('given back needs nothing', () => {
    const paid = payFeeDifference('ask', money('3', '0', ['3', '0'], ['0', '0']), '-5');
    expect(paid.money).toMatchObject({ holdings: { cash: '8', realisedProfit: '5' }, reserved: { cash: '3' } });
  });
});
