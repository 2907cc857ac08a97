import { expect, it } from 'vitest';
import {
  AuthenticationFailed,
  ExchangeUnavailable,
  NotSent,
  OrderRejected,
  RateLimited,
} from '../../exchange/errors.ts';
import { type KeyNews, watchKey } from '../../exchange/key-watch.ts';
import type { Exchange } from '../../exchange/port.ts';

const refusal = new AuthenticationFailed('no_authorization_ip', 'not from here');
const ORDER = { identifier: 'k3v9-entry', market: 'KRW-BTC' } as never;

/** An exchange whose every call ends so, watched. */
function watched(answer: () => Promise<unknown>) {
  const heard: KeyNews[] = [];
  const given: unknown[][] = [];
  const exchange = new Proxy({} as Exchange, {
    get:
      () =>
      (...args: unknown[]) => {
        given.push(args);
        return answer();
      },
  });
  return { heard, given, exchange: watchKey(exchange, (news) => void heard.push(news)) };
}

it.each([
  ['fetchBalances', 'balances', null],
  ['fetchOrderTerms', 'look-ups', null],
  ['createOrder', 'orders', 'k3v9-entry'],
  ['fetchOrder', 'look-ups', 'k3v9-entry'],
  ['cancelOrder', 'orders', 'k3v9-entry'],
  ['fetchOpenOrders', 'look-ups', null],
  ['fetchClosedOrders', 'look-ups', null],
] as const)('%s tells whether the key is accepted for %s', async (call, use, identifier) => {
  const about = identifier === null ? undefined : ORDER;
  const refused = watched(() => Promise.reject(refusal));
  await expect((refused.exchange[call] as (about: unknown) => Promise<unknown>)(about)).rejects.toBe(refusal);
  expect(refused.heard).toEqual([{ kind: 'refused', use, refusal, call, identifier }]);

  const accepted = watched(() => Promise.resolve(undefined));
  expect(await (accepted.exchange[call] as (about: unknown) => Promise<unknown>)(about)).toBeUndefined();
  expect(accepted.heard).toEqual([{ kind: 'accepted', use }]);
});

it('a call keeps its arguments and its very promise', () => {
  const answer = Promise.resolve({});
  const { exchange, given } = watched(() => answer);
  expect(exchange.createOrder(ORDER, 1, 2)).toBe(answer);
  expect(given).toEqual([[ORDER, 1, 2]]);
});

it('an order that did not leave for want of a key says so', async () => {
  const { exchange, heard } = watched(() => Promise.reject(new NotSent('k3v9-entry', refusal)));
  await expect(exchange.createOrder(ORDER)).rejects.toThrow(NotSent);
  expect(heard).toMatchObject([{ kind: 'refused', refusal }]);
});

it('an order that is rejected was looked at, so the key is accepted', async () => {
  const { exchange, heard } = watched(() => Promise.reject(new OrderRejected('under_min_total_bid', '')));
  await expect(exchange.createOrder(ORDER)).rejects.toThrow(OrderRejected);
  expect(heard).toEqual([{ kind: 'accepted', use: 'orders' }]);
});

it.each([new ExchangeUnavailable('down'), new RateLimited('order', 1), new NotSent('k3v9-entry', 'no turn'), 'odd'])(
  'a failure that tells nothing of the key is not heard of: %s',
  async (error) => {
    const { exchange, heard } = watched(() => Promise.reject(error));
    await expect(exchange.createOrder(ORDER)).rejects.toBe(error);
    expect(heard).toEqual([]);
  },
);

it.each(['listMarkets', 'fetchMinuteCandles'] as const)('%s bears no key and tells nothing of it', async (call) => {
  const { exchange, heard } = watched(() => Promise.reject(refusal));
  await expect((exchange[call] as () => Promise<unknown>)()).rejects.toBe(refusal);
  expect(heard).toEqual([]);
});
