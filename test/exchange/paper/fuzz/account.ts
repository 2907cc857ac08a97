import { Exact } from '../../../../exchange/matching/exact.ts';
import type { RawClient } from './raw-client.ts';
import { bearer, hashedQuery, messageOf } from './request.ts';

/** What the proof needs of an order and its trades. */
export interface OrderSeen {
  readonly uuid: string;
  readonly identifier?: string;
  readonly side: 'bid' | 'ask';
  readonly state: string;
  readonly executed_volume: string;
  readonly paid_fee: string;
  readonly locked: string;
  readonly trades: readonly { readonly funds: string; readonly volume: string }[];
}

export interface AccountSeen {
  readonly orders: ReadonlyMap<string, OrderSeen>;
  /** Balance and what is locked of it, by currency. */
  readonly totals: Readonly<Record<string, readonly [total: string, locked: string]>>;
}

/** Reads every one of these orders, and the balances. @throws when one is missing */
export async function seeAccount(client: RawClient, uuids: Iterable<string>): Promise<AccountSeen> {
  const read = async (path: string, query = ''): Promise<unknown> => {
    const target = query === '' ? path : `${path}?${query}`;
    const nonce = `proof ${path} ${query} ${Math.random()}`;
    const answer = await client.send({
      method: 'GET',
      bytes: messageOf('GET', target, [bearer(nonce, hashedQuery(query))]),
    });
    // The limit counts market time: it is met on a fast machine, and over in a moment.
    if (answer?.status === 429) return read(path, query);
    if (answer?.status !== 200) throw new Error(`${target}: ${answer?.status} ${answer?.body}`);
    return JSON.parse(answer.body);
  };
  const orders = new Map<string, OrderSeen>();
  // Market time goes on between two readings: balances that stood still belong to the orders read between them.
  for (;;) {
    const before = await read('/v1/accounts');
    for (const uuid of uuids) {
      if (orders.get(uuid)?.state === 'done' || orders.get(uuid)?.state === 'cancel') continue;
      orders.set(uuid, (await read('/v1/order', `uuid=${uuid}`)) as OrderSeen);
    }
    const after = (await read('/v1/accounts')) as { currency: string; balance: string; locked: string }[];
    if (JSON.stringify(before) !== JSON.stringify(after)) continue;
    const totals = after.map(({ currency, balance, locked }) => [
      currency,
      [new Exact(balance).plus(locked).toFixed(), new Exact(locked).toFixed()],
    ]);
    return { orders, totals: Object.fromEntries(totals) };
  }
}

/** The balances that these orders leave of ten million won, to the last digit. */
export function totalsOf(orders: Iterable<OrderSeen>): AccountSeen['totals'] {
  let [won, coins, lockedWon, lockedCoins] = [new Exact(10_000_000), new Exact(0), new Exact(0), new Exact(0)];
  for (const { side, state, paid_fee, locked, trades } of orders) {
    const sign = side === 'bid' ? 1 : -1;
    for (const { funds, volume } of trades) {
      won = won.minus(new Exact(funds).times(sign));
      coins = coins.plus(new Exact(volume).times(sign));
    }
    won = won.minus(paid_fee);
    if (state !== 'wait') continue;
    if (side === 'bid') lockedWon = lockedWon.plus(locked);
    else lockedCoins = lockedCoins.plus(locked);
  }
  return {
    KRW: [won.toFixed(), lockedWon.toFixed()],
    ...(coins.gt(0) && { BTC: [coins.toFixed(), lockedCoins.toFixed()] }),
  };
}
