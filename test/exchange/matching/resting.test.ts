import { expect, test } from 'vitest';
import { cancelOrder } from '../../../exchange/matching/cancel.ts';
import { Exact } from '../../../exchange/matching/exact.ts';
import { matchTrade } from '../../../exchange/matching/trade.ts';
import { accountWith, applyAll, BTC, reasonOf } from './account.ts';

test('a resting bid fills at its own price when a trade passes it', () => {
  const account = accountWith({ KRW: '1000000' });
  const order = account.order(account.submit({ price: '1000', volume: '10' }, '1010'));

  account.trade('1001', 2_000);
  expect(order.state).toBe('wait');
  account.trade('990', 3_000);

  expect(order.state).toBe('done');
  expect(order.fills.map(({ at, price }) => [at, price.toFixed()])).toEqual([[3_000, '1000']]);
  expect(account.balance('BTC')).toEqual(['10', '0']);
});

test('a resting ask fills when a trade touches it', () => {
  const account = accountWith({ BTC: '10' });
  const order = account.order(account.submit({ side: 'ask', price: '1020', volume: '10' }, '1010'));

  account.trade('1020', 2_000);

  expect(order.state).toBe('done');
  expect(account.balance('KRW')).toEqual(['10194.9', '0']);
});

test('a trade at or before the order does not fill it', () => {
  const account = accountWith({ KRW: '1000000' });
  const order = account.order(account.submit({ price: '1000', volume: '10' }, '1010', 5_000));

  account.trade('900', 5_000);

  expect(order.state).toBe('wait');
});

test('the better price goes first, then the older order', () => {
  const account = accountWith({ KRW: '1000000' });
  for (const price of ['1000', '1002', '1000', '1001']) account.submit({ price, volume: '10' }, '1010');

  const events = matchTrade(account.ledger, { market: BTC, at: 2_000, price: new Exact('1000') });

  const filled = events.flatMap((event) => (event.type === 'filled' ? account.ledger.orders.get(event.order) : []));
  expect(filled.map((order) => order?.sequence)).toEqual([2, 4, 1, 3]);
});

test('cancelling frees what is locked, once', () => {
  const account = accountWith({ KRW: '1000000' });
  const order = account.order(account.submit({ price: '1000', volume: '10' }, '1010'));

  applyAll(account.ledger, cancelOrder(order, 2_000));

  expect(account.balance('KRW')).toEqual(['1000000', '0']);
  expect(cancelOrder(order, 3_000)).toEqual([]);
  // The ended order keeps the figure, as real answers do.
  expect(order.initiallyLocked.toFixed()).toBe('10005');
});

test('an identifier is good once, even when its order was refused', () => {
  const account = accountWith({ KRW: '10000' });

  const refused = account.submit({ price: '1000', volume: '1', identifier: 'a' }, '1000');
  const again = account.submit({ price: '1000', volume: '6', identifier: 'a' }, '1000');

  expect([reasonOf(refused), reasonOf(again)]).toEqual(['under_min_total_bid', 'duplicated_identifier']);
});

test('the same orders at the same times get the same ids', () => {
  const run = () => {
    const account = accountWith({ KRW: '1000000' });
    const order = account.order(account.submit({ price: '1000', volume: '10' }, '1000'));
    return [order.uuid, order.fills[0]?.uuid];
  };

  expect(run()).toEqual(run());
});
