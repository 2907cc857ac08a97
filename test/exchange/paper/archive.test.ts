import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { ledgerToJson } from '../../../exchange/matching/ledger-json.ts';
import type { OrderRequest } from '../../../exchange/matching/order.ts';
import { createExchange } from '../../../exchange/paper/exchange.ts';
import { rememberLedger } from '../../../exchange/paper/faults/ledger-history.ts';
import { trueLedger } from '../../../exchange/paper/faults/true-ledger.ts';
import { candleTape } from '../../../exchange/paper/feed/candle-tape.ts';
import { SIMULATED_ORIGIN, simulatedSource } from '../../../exchange/paper/feed/simulated-source.ts';
import { orderByIdentifier, orderByUuid, ordersSince } from '../../../exchange/paper/known-orders.ts';
import { openLedgerStore } from '../../../exchange/paper/state/ledger-store.ts';
import { get, signed, standingWall, startForTest, temporaryFolder } from './paper.ts';

const MARKETS = ['KRW-BTC', 'KRW-ETH'].map(parseMarket);
const [BTC, ETH] = MARKETS as [OrderRequest['market'], OrderRequest['market']];
const TAPE = candleTape(new Map(MARKETS.map((market) => [market, simulatedSource(market, 1)])));
const START = SIMULATED_ORIGIN + 300 * 60_000;
const FORGETFUL = { kept: 2, together: 3 };
const silent = () => {};

/** An exchange without a server on a folder, that keeps next to no finished order in memory. */
function openIn(folder: string, options: Parameters<typeof openLedgerStore>[2] = { retirement: FORGETFUL }) {
  const store = openLedgerStore(folder, silent, options);
  const exchange = createExchange(TAPE, store, { seed: 1, now: START });
  let now = store.knownUntil ?? START;
  return {
    store,
    exchange,
    /** A market buy, which ends at once. */
    buy: (identifier: string, market = BTC) =>
      exchange.submit({ market, side: 'bid', type: 'price', price: '10000', identifier }, ++now),
    refuse: (identifier: string) => exchange.refuse(identifier, ++now),
    close: () => store.close(++now),
    /** How many orders are in memory when those that are over have left. */
    inMemory: () => expect.poll(() => store.ledger.orders.size),
  };
}

test('orders that are over leave memory but for the newest, and those that wait stay', async () => {
  const { exchange, buy, inMemory, store, close } = openIn(temporaryFolder());
  const resting = { market: BTC, side: 'bid', type: 'limit', price: '100000000', volume: '0.0001' } as const;
  const waiting = exchange.submit({ ...resting, identifier: 'waits' }, START);
  const made = Array.from({ length: 20 }, (_, index) => buy(`buy-${index}`));

  await inMemory().toBeLessThanOrEqual(1 + FORGETFUL.kept + FORGETFUL.together);
  expect(store.ledger.orders.has('uuid' in waiting ? waiting.uuid : '')).toBe(true);
  expect(store.ledger.identifiers.size).toBe(store.ledger.orders.size);
  expect(ordersSince(store.ledger, store.archive, 0, 100).map(({ request }) => request.identifier)).toEqual([
    'waits',
    ...made.map((_, index) => `buy-${index}`),
  ]);
  await close();
});

test('an order from the archive is what it was in memory, to the last digit', async () => {
  const { buy, inMemory, store, close } = openIn(temporaryFolder());
  const made = buy('first');
  const before = structuredClone(JSON.stringify(made));
  for (let index = 0; index < 10; index += 1) buy(`buy-${index}`);
  await inMemory().toBeLessThan(8);

  expect(store.ledger.identifiers.has('first')).toBe(false);
  expect(JSON.stringify(orderByIdentifier(store.ledger, store.archive, 'first'))).toBe(before);
  await close();
});

test('an identifier is refused for ever, also when its order or its refusal has long left memory', async () => {
  const folder = temporaryFolder();
  const { buy, refuse, inMemory, close } = openIn(folder);
  buy('bought');
  refuse('burned');
  for (let index = 0; index < 10; index += 1) buy(`buy-${index}`);
  await inMemory().toBeLessThan(8);

  for (const identifier of ['bought', 'burned']) {
    expect(buy(identifier)).toMatchObject({ name: 'duplicated_identifier' });
    expect(refuse(identifier)).toMatchObject({ name: 'duplicated_identifier' });
  }
  await close();
  const again = openIn(folder);
  expect(again.store.ledger.identifiers.has('burned')).toBe(false);
  for (const identifier of ['bought', 'burned']) {
    expect(again.buy(identifier)).toMatchObject({ name: 'duplicated_identifier' });
  }
  await again.close();
});

/** What two servers answer to the same questions, one with all orders in memory, one with next to none. */
test('whatever is asked about orders is answered as if all of them were in memory', async () => {
  const wallClock = standingWall().now;
  const open = async (retirement: { kept: number; together: number }) => {
    // All of it happens within one second of a clock that stands.
    const { url } = await startForTest({ feed: 'simulated', markets: MARKETS, wallClock, allowance: 100, retirement });
    return url;
  };
  const [remembering, forgetful] = [await open({ kept: 1_000, together: 250 }), await open(FORGETFUL)];
  const both = async (method: string, path: string, call: Parameters<typeof signed>[3] = {}) => {
    const [one, other] = [await signed(remembering, method, path, call), await signed(forgetful, method, path, call)];
    expect([other.status, other.json], `${method} ${path}?${call.query}`).toEqual([one.status, one.json]);
    return one;
  };
  const uuids: string[] = [];
  for (let index = 0; index < 24; index += 1) {
    const market = index % 3 === 0 ? ETH : BTC;
    const body = { market, side: 'bid', identifier: `order-${index}` };
    const order =
      index % 4 === 0 ? { ord_type: 'limit', price: '1000000', volume: '0.01' } : { ord_type: 'price', price: '10000' };
    uuids.push((await both('POST', '/v1/orders', { body: { ...body, ...order } })).json.uuid);
    if (index % 8 === 0) await both('DELETE', '/v1/order', { query: `identifier=order-${index}` });
  }

  for (const index of [0, 1, 4, 8, 23]) {
    await both('GET', '/v1/order', { query: `uuid=${uuids[index]}` });
    await both('GET', '/v1/order', { query: `identifier=order-${index}` });
    await both('POST', '/v1/orders', { body: { market: BTC, side: 'bid', identifier: `order-${index}` } });
  }
  await both('DELETE', '/v1/order', { query: 'identifier=order-1' });
  await both('DELETE', '/v1/orders/uuids', { query: `uuids[]=${uuids[1]}&uuids[]=${uuids[4]}` });
  const next = { new_ord_type: 'limit', new_price: '1000000', new_volume: '0.01' };
  for (const [names, answer] of [
    // Of one that is over, by either name; with an identifier of one that is; and one that goes well.
    [{ prev_order_uuid: uuids[1] }, 'order_not_found'],
    [{ prev_order_identifier: 'order-1' }, 'order_not_found'],
    [{ prev_order_identifier: 'order-12', new_identifier: 'order-1' }, 'duplicated_identifier'],
    [{ prev_order_identifier: 'order-1', new_identifier: 'order-2' }, 'duplicated_identifier'],
    [{ prev_order_identifier: 'order-12', new_identifier: 'order-24' }, undefined],
  ] as const) {
    const { json } = await both('POST', '/v1/orders/cancel_and_new', { body: { ...names, ...next } });
    expect(json.error?.name).toBe(answer);
  }
  const tested = { market: BTC, side: 'bid', ord_type: 'price', price: '10000', identifier: 'order-1' };
  expect((await both('POST', '/v1/orders/test', { body: tested })).json.error.name).toBe('duplicated_identifier');
  for (const query of [
    'limit=5',
    'limit=5&order_by=asc',
    'limit=100',
    `market=${ETH}&order_by=asc`,
    'state=done',
    'states[]=cancel&states[]=done&limit=7',
    'end_time=1000000000000',
  ]) {
    await both('GET', '/v1/orders/closed', { query });
  }
  const named = await both('GET', '/v1/orders/uuids', { query: uuids.map((uuid) => `uuids[]=${uuid}`).join('&') });
  expect(named.json).toHaveLength(24);
  await both('GET', '/v1/orders/uuids', { query: 'identifiers[]=order-3&identifiers[]=none' });
  await both('GET', '/v1/orders/open');
});

test('the control port tells every order once, whichever page it is on, and every burned identifier', async () => {
  const { buy, refuse, inMemory, exchange, close } = openIn(temporaryFolder());
  for (let index = 0; index < 12; index += 1) {
    buy(`buy-${index}`);
    refuse(`burned-${index}`);
  }
  await inMemory().toBeLessThan(8);

  const told: (string | null)[] = [];
  for (let since: number | null = 0; since !== null; ) {
    const page = trueLedger(exchange, START, since, 5);
    told.push(...page.orders.map(({ identifier }) => identifier));
    since = page.next;
  }
  expect(told).toEqual(Array.from({ length: 12 }, (_, index) => `buy-${index}`));
  expect(trueLedger(exchange, START, 0, 5).burned_identifiers.toSorted()).toEqual(
    Array.from({ length: 12 }, (_, index) => `burned-${index}`).sort(),
  );
  await close();
});

test('a lagging look finds an order of the archive as it was, by either name', async () => {
  const store = openLedgerStore(temporaryFolder(), silent, { retirement: FORGETFUL });
  const history = rememberLedger(store, 60_000);
  const exchange = createExchange(TAPE, history.store, { seed: 1, now: START });
  const resting = { market: BTC, side: 'bid', type: 'limit', price: '1000000', volume: '0.01' } as const;
  const orders = Array.from({ length: 8 }, (_, index) =>
    exchange.submit({ ...resting, identifier: `order-${index}` }, START + index),
  );
  exchange.cancel([...store.ledger.orders.values()], START + 10);
  await expect.poll(() => store.ledger.orders.size).toBeLessThan(3);
  const earlier = history.asOf(START + 9);

  const [first] = orders;
  expect(orderByUuid(store.ledger, store.archive, first && 'uuid' in first ? first.uuid : '')?.state).toBe('cancel');
  expect(orderByUuid(earlier, store.archive, first && 'uuid' in first ? first.uuid : '')?.state).toBe('wait');
  expect(orderByIdentifier(earlier, store.archive, 'order-0')?.state).toBe('wait');
  expect(ordersSince(earlier, store.archive, 0, 100).map(({ state }) => state)).toEqual(orders.map(() => 'wait'));
  await store.close(START + 100);
});

test('a lagging look does not find in the archive what came after the moment it looks at', async () => {
  const store = openLedgerStore(temporaryFolder(), silent, { retirement: FORGETFUL });
  const history = rememberLedger(store, 60_000);
  const exchange = createExchange(TAPE, history.store, { seed: 1, now: START });
  const buys = Array.from({ length: 12 }, (_, index) =>
    exchange.submit(
      { market: BTC, side: 'bid', type: 'price', price: '10000', identifier: `buy-${index}` },
      START + index,
    ),
  );
  await expect.poll(() => store.ledger.orders.size).toBeLessThan(8);
  const earlier = history.asOf(START + 2);

  const found = buys.map((buy) =>
    'uuid' in buy ? orderByUuid(earlier, store.archive, buy.uuid)?.sequence : undefined,
  );
  expect(found).toEqual([1, 2, 3, ...Array.from({ length: 9 }, () => undefined)]);
  expect(orderByIdentifier(earlier, store.archive, 'buy-3')).toBeUndefined();
  expect(ordersSince(earlier, store.archive, 0, 100)).toHaveLength(3);
  await store.close(START + 100);
});

test('a death between the archive and the next snapshot leaves each order once, and the account as it was', async () => {
  const [folder, copy] = [temporaryFolder(), temporaryFolder()];
  const { buy, inMemory, store, exchange, close } = openIn(folder);
  for (let index = 0; index < 12; index += 1) buy(`buy-${index}`);
  await inMemory().toBeLessThan(8);
  // Snapshot and journal still tell of all twelve, the archive of most.
  cpSync(folder, copy, { recursive: true });

  const again = openIn(copy);
  expect(again.store.ledger.orders.size).toBe(12);
  const names = () =>
    ordersSince(again.store.ledger, again.store.archive, 0, 100).map(({ request }) => request.identifier);
  expect(names()).toEqual(Array.from({ length: 12 }, (_, index) => `buy-${index}`));
  await again.inMemory().toBeLessThan(8);
  expect(names()).toEqual(Array.from({ length: 12 }, (_, index) => `buy-${index}`));
  expect(ledgerToJson(again.exchange.ledger).balances).toEqual(ledgerToJson(exchange.ledger).balances);
  expect(store.archive.order(again.store.archive.orderNamed('buy-0')?.uuid ?? '')).toBeDefined();
  await Promise.all([again.close(), close()]);
});

test('while the archive cannot be written, orders stay in memory and nothing is refused; they leave later', async () => {
  const folder = temporaryFolder();
  const said: string[] = [];
  const path = join(folder, 'orders.sqlite');
  const store = openLedgerStore(folder, (line) => said.push(line), { retirement: FORGETFUL });
  const exchange = createExchange(TAPE, store, { seed: 1, now: START });
  const buy = (index: number) =>
    exchange.submit(
      { market: BTC, side: 'bid', type: 'price', price: '10000', identifier: `buy-${index}` },
      START + index,
    );
  mkdirSync(path);
  for (let index = 0; index < 8; index += 1) buy(index);
  await expect.poll(() => said.length).toBeGreaterThan(0);
  expect(said[0]).toContain('the archive of orders');
  expect(store.ledger.orders.size).toBe(8);

  rmSync(path, { recursive: true });
  for (let index = 8; index < 20; index += 1) buy(index);

  await expect.poll(() => store.ledger.orders.size).toBeLessThan(8);
  expect(ordersSince(store.ledger, store.archive, 0, 100)).toHaveLength(20);
  await store.close(START + 100);
});

test('a damaged archive is told by its name', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'orders.sqlite'), 'rubbish, and enough of it to look like the head of a file'.repeat(10));

  expect(() => openLedgerStore(folder, silent)).toThrow(
    "orders.sqlite: the paper exchange's archive of orders cannot be",
  );
});

test.each([
  ['missing', (path: string) => rmSync(path)],
  ['empty', (path: string) => truncateSync(path)],
])('an archive that is %s is told, and no identifier is taken again', async (_, lose) => {
  const folder = temporaryFolder();
  const { buy, inMemory, close } = openIn(folder);
  for (let index = 0; index < 12; index += 1) buy(`buy-${index}`);
  await inMemory().toBeLessThan(8);
  await close();

  lose(join(folder, 'orders.sqlite'));

  expect(() => openIn(folder)).toThrow('has taken 12 orders');
});

test('a long journal makes room for a snapshot while the exchange runs, and nothing is lost by it', async () => {
  const folder = temporaryFolder();
  const { buy, exchange, store } = openIn(folder, {
    retirement: { kept: 1_000, together: 250 },
    longestJournal: 20_000,
  });
  for (let index = 0; index < 100; index += 1) buy(`buy-${index}`);

  expect(statSync(join(folder, 'journal.jsonl')).size).toBeLessThan(21_000);
  expect(readFileSync(join(folder, 'snapshot.json'), 'utf8')).toContain('"buy-0"');
  await store.kept();
  expect(ledgerToJson(openLedgerStore(folder, silent).ledger)).toEqual(ledgerToJson(exchange.ledger));
});

test('an account with few orders has no archive', async () => {
  const stateDir = temporaryFolder();
  const { url } = await startForTest({ stateDir });
  await get(`${url}/v1/market/all`);

  expect(existsSync(join(stateDir, 'orders.sqlite'))).toBe(false);
});
