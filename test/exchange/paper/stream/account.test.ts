import { Decimal } from 'decimal.js';
import { expect, it } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { openLedgerStore } from '../../../../exchange/paper/state/ledger-store.ts';
import { watchLedger } from '../../../../exchange/paper/stream/ledger-watch.ts';
import { BTC_FILE, ETH_FILE, get, signed, temporaryFolder } from '../paper.ts';
import { BTC, type Client, startStream } from './sockets.ts';

const ETH = parseMarket('KRW-ETH');
const MINUTE = 60_000;

/** An account on a recorded market, and a client that hears all of it. */
async function openAccount() {
  const stream = await startStream({
    feed: 'replay',
    replayFiles: [BTC_FILE, ETH_FILE],
    markets: [BTC, ETH],
    speed: 1,
  });
  const client = await stream.signIn();
  client.ask({ type: 'myOrder' }, { type: 'myAsset' });
  const { url } = stream.exchange;
  const of = (type: string) => client.heard().filter((message) => message.type === type);
  /** When the subscription is in force: a refusal is the next answer. */
  const settled = async (one: Client): Promise<void> => {
    one.socket.send('{');
    await expect.poll(() => one.heard().filter(({ error }) => error !== undefined).length).toBe(1);
  };
  await settled(client);
  return {
    ...stream,
    settled,
    client,
    orders: () => of('myOrder'),
    assets: () => of('myAsset'),
    states: () => of('myOrder').map(({ state }) => state),
    post: (body: Record<string, unknown>) => signed(url, 'POST', '/v1/orders', { body }),
    call: (method: string, path: string, query = '') => signed(url, method, path, { query }),
    price: async (market: string) => (await get(`${url}/v1/ticker?markets=${market}`)).json[0].trade_price as number,
  };
}

const held = (assets: { assets: { currency: string; balance: number; locked: number }[] }) =>
  Object.fromEntries(assets.assets.map(({ currency, balance, locked }) => [currency, [balance, locked]]));

it('tells wait, each maker fill and done of an order that rested, with what REST says of it', async () => {
  const { post, call, price, wall, states, orders, assets } = await openAccount();
  const limit = (await price(BTC)) - 1_000;
  await post({
    market: BTC,
    side: 'bid',
    ord_type: 'limit',
    price: String(limit),
    volume: '0.0001',
    identifier: 'near',
  });
  await expect.poll(() => states()).toEqual(['wait']);
  wall.pass(20 * MINUTE);
  await expect.poll(() => states().at(-1)).toBe('done');

  const [wait, ...rest] = orders();
  const fills = rest.slice(0, -1);
  const done = rest.at(-1);
  const { json } = await call('GET', '/v1/order', 'identifier=near');
  expect(wait).toMatchObject({ identifier: 'near', price: limit, volume: 0.0001, trade_uuid: null, is_maker: null });
  expect(fills.length).toBeGreaterThan(0);
  expect(fills.map(({ state, trade_uuid, is_maker }) => [state, trade_uuid, is_maker])).toEqual(
    json.trades.map(({ uuid }: { uuid: string }) => ['trade', uuid, true]),
  );
  expect(fills.map(({ price: at, volume }) => [at, volume])).toEqual(
    json.trades.map((trade: { price: string; volume: string }) => [Number(trade.price), Number(trade.volume)]),
  );
  const fees = fills.reduce((sum, { trade_fee }) => sum.plus(trade_fee), new Decimal(0));
  expect(fees.eq(json.paid_fee)).toBe(true);
  expect(done).toMatchObject({
    uuid: json.uuid,
    state: 'done',
    trade_uuid: null,
    is_maker: null,
    executed_volume: 0.0001,
  });
  expect([done.paid_fee, done.remaining_volume, done.trades_count]).toEqual([Number(json.paid_fee), 0, fills.length]);
  expect(Object.keys(held(assets().at(-1))).sort()).toEqual(['BTC', 'KRW']);
  expect(held(assets().at(-1)).KRW?.[1]).toBe(0);
});

it('tells of a market order: taken at once, not as a maker, and ended by cancel', async () => {
  const { post, states, orders } = await openAccount();
  await post({ market: BTC, side: 'bid', ord_type: 'price', price: '10000' });
  await expect.poll(() => states()).toEqual(['wait', 'trade', 'cancel']);
  expect(orders().map(({ is_maker }) => is_maker)).toEqual([null, false, null]);
});

it('tells of a cancelled order, and of what it locked and frees', async () => {
  const { post, call, states, assets } = await openAccount();
  await post({ market: BTC, side: 'bid', ord_type: 'limit', price: '140000000', volume: '0.0001', identifier: 'far' });
  await expect.poll(() => assets().length).toBe(1);
  expect(held(assets()[0])).toEqual({ KRW: [9_985_993, 14_007] });
  await call('DELETE', '/v1/order', 'identifier=far');
  await expect.poll(() => states()).toEqual(['wait', 'cancel']);
  await expect.poll(() => assets().length).toBe(2);
  expect(held(assets()[1])).toEqual({ KRW: [10_000_000, 0] });
});

it('tells only the balances that changed', async () => {
  const { post, assets } = await openAccount();
  await post({ market: BTC, side: 'bid', ord_type: 'price', price: '10000' });
  await post({ market: BTC, side: 'bid', ord_type: 'limit', price: '140000000', volume: '0.0001' });
  await expect
    .poll(() => assets().map((message) => Object.keys(held(message)).sort()))
    .toEqual([['BTC', 'KRW'], ['KRW']]);
});

it('tells nothing of an order that it refused', async () => {
  const { post, client, settled } = await openAccount();
  const { status } = await post({ market: BTC, side: 'bid', ord_type: 'price', price: '100' });
  expect(status).toBe(400);
  client.frames.length = 0;
  await settled(client);
  expect(client.frames).toHaveLength(1);
});

it('tells each client what it asked for: orders of some markets, balances alone, in its format', async () => {
  const { post, signIn, settled, states } = await openAccount();
  const [ofEth, assetsAlone, simple] = [await signIn(), await signIn(), await signIn()];
  ofEth.ask({ type: 'myOrder', codes: [ETH] });
  assetsAlone.ask({ type: 'myAsset' });
  simple.ask({ type: 'myOrder', codes: [] }, { format: 'SIMPLE_LIST' });
  for (const one of [ofEth, assetsAlone, simple]) await settled(one);
  await post({ market: BTC, side: 'bid', ord_type: 'price', price: '10000' });
  await post({ market: ETH, side: 'bid', ord_type: 'price', price: '10000' });
  await expect.poll(() => states()).toHaveLength(6);
  const data = (one: Client) => one.heard().filter(({ error }) => error === undefined);
  await expect
    .poll(() => data(ofEth).map(({ code, state }) => [code, state]))
    .toEqual([
      [ETH, 'wait'],
      [ETH, 'trade'],
      [ETH, 'cancel'],
    ]);
  await expect.poll(() => data(assetsAlone).map(({ type }) => type)).toEqual(['myAsset', 'myAsset']);
  await expect.poll(() => data(simple).map(([{ ty, cd, s }]) => [ty, cd, s])).toHaveLength(6);
});

it('keeps every digit of what it tells', async () => {
  const { post, client, assets, call } = await openAccount();
  await post({ market: BTC, side: 'bid', ord_type: 'price', price: '12345' });
  await expect.poll(() => assets().length).toBe(1);
  const { json } = await call('GET', '/v1/accounts');
  const frame = client.frames.find((text) => text.includes('"myAsset"')) ?? '';
  for (const { currency, balance } of json) expect(frame).toContain(`{"currency":"${currency}","balance":${balance},`);
  expect(json.some(({ balance }: { balance: string }) => balance.length > 12)).toBe(true);
});

it('tells watchers of a ledger only what is on disk, with a copy of how it was before', async () => {
  const store = openLedgerStore(temporaryFolder(), () => {});
  const watched = watchLedger(store);
  const told: string[] = [];
  const free = (ledger: { balances: ReadonlyMap<string, { free: Decimal }> }) =>
    ledger.balances.get('KRW')?.free.toFixed();
  const unwatch = watched.watch((events, before, at) => {
    told.push(`${events.length} at ${at}: after ${free(before)}`);
  });
  const deposit = { type: 'deposited', currency: 'KRW', amount: '5' } as const;
  watched.store.record([deposit], 1, true);
  watched.store.record([deposit, deposit], 2, true);
  expect(told).toEqual([]);
  await store.kept();
  await store.close(2);
  expect(() => watched.store.record([deposit], 3, true)).toThrow();
  unwatch();
  expect(told).toEqual(['1 at 1: after undefined', '2 at 2: after 5']);
});
