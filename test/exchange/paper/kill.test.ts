import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { Exact } from '../../../exchange/matching/exact.ts';
import type { Ledger } from '../../../exchange/matching/ledger.ts';
import { ledgerToJson } from '../../../exchange/matching/ledger-json.ts';
import { createExchange } from '../../../exchange/paper/exchange.ts';
import { candleTape } from '../../../exchange/paper/feed/candle-tape.ts';
import { simulatedSource } from '../../../exchange/paper/feed/simulated-source.ts';
import { openLedgerStore } from '../../../exchange/paper/state/ledger-store.ts';
import { FaultControl } from '../../support/fault-control.ts';
import { get, signed, temporaryFolder } from './paper.ts';
import { THIN_BOOK } from './thin-book.ts';

const PROGRAM = new URL('./killable-exchange.ts', import.meta.url).pathname;

async function start(stateDir: string, ...asked: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [PROGRAM, stateDir, ...asked], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = await once(child.stdout, 'data');
  return { child, url: String(line).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Somewhere in the middle of things on any machine: after so many more answers, and a while. */
async function midway(answers: () => number, more: number, ms: number): Promise<void> {
  const before = answers();
  await expect.poll(answers, { interval: 5, timeout: 20_000 }).toBeGreaterThanOrEqual(before + more);
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const bid = (identifier: string) => ({
  market: 'KRW-BTC',
  side: 'bid',
  ord_type: 'limit',
  price: '100000000',
  volume: '0.0001',
  identifier,
});

test('after kill -9 every answered order is there, no other is half there, and time has not gone back', async () => {
  const stateDir = temporaryFolder();
  const answered: string[] = [];
  let asked = 0;
  let lastDate = 0;

  for (let life = 0; life < 3; life += 1) {
    const { child, url } = await start(stateDir);
    const answer = await get(`${url}/v1/market/all`);
    const date = Date.parse(answer.headers.get('date') ?? '');
    expect(date).toBeGreaterThanOrEqual(lastDate);
    if (lastDate > 0) expect(date - lastDate).toBeLessThan(10 * 60_000);

    for (const identifier of answered) {
      const found = await signed(url, 'GET', '/v1/order', { query: `identifier=${identifier}` });
      expect([found.status, found.json.state, found.json.locked]).toEqual([200, 'wait', '10005']);
    }
    const { json: accounts } = await signed(url, 'GET', '/v1/accounts');
    const orders = Number(accounts[0].locked) / 10_005;
    expect(Number.isInteger(orders)).toBe(true);
    expect(orders).toBeGreaterThanOrEqual(answered.length);
    expect(orders).toBeLessThanOrEqual(asked);
    expect(Number(accounts[0].balance) + Number(accounts[0].locked)).toBe(10_000_000);

    // Orders keep coming while the process dies.
    let alive = true;
    const ordering = (async () => {
      while (alive) {
        const identifier = `order-${asked}`;
        asked += 1;
        try {
          const created = await signed(url, 'POST', '/v1/orders', { body: bid(identifier) });
          if (created.status === 201) answered.push(identifier);
          lastDate = Math.max(lastDate, Date.parse(created.headers.get('date') ?? ''));
        } catch {
          return; // The connection went with the process: this order was never answered.
        }
      }
    })();
    await midway(() => answered.length, 2, 150 + life * 70);
    await kill(child);
    alive = false;
    await ordering;
  }

  expect(answered.length).toBeGreaterThan(3);
});

test.each(['endless', 'levels', 'forgetful'])(
  'after kill -9 a replaced order is over and the one in its place waits, or neither: %s',
  async (book) => {
    const stateDir = temporaryFolder();
    let answered = 0;
    let asked = 0;
    for (let life = 0; life < 3; life += 1) {
      const { child, url } = await start(stateDir, book);
      if (life === 0) await signed(url, 'POST', '/v1/orders', { body: bid('chain-0') });
      const { json: waiting } = await signed(url, 'GET', '/v1/orders/open');
      expect(waiting.map(({ locked }: { locked: string }) => locked)).toEqual(['10005']);
      const reached = Number(waiting[0].identifier.slice('chain-'.length));
      expect(reached).toBeGreaterThanOrEqual(answered);
      expect(reached).toBeLessThanOrEqual(asked);
      const { json: closed } = await signed(url, 'GET', '/v1/orders/closed', { query: 'limit=1000' });
      expect(closed).toHaveLength(reached);
      const { json: accounts } = await signed(url, 'GET', '/v1/accounts');
      expect([accounts[0].balance, accounts[0].locked]).toEqual(['9989995', '10005']);

      answered = reached;
      asked = reached;
      let alive = true;
      const replacing = (async () => {
        const { price, volume } = bid('');
        while (alive) {
          asked += 1;
          const body = {
            prev_order_identifier: `chain-${asked - 1}`,
            new_ord_type: 'limit',
            new_price: price,
            new_volume: volume,
            new_identifier: `chain-${asked}`,
          };
          try {
            const { status } = await signed(url, 'POST', '/v1/orders/cancel_and_new', { body });
            expect(status).toBe(201);
            answered = asked;
          } catch (error) {
            if (alive && !(error instanceof TypeError)) throw error;
            return; // The connection went with the process.
          }
        }
      })();
      await midway(() => answered, 2, 200 + life * 70);
      await kill(child);
      alive = false;
      await replacing;
    }
    expect(answered).toBeGreaterThan(3);
  },
);

test('after kill -9 while orders leave memory for the archive, each is there once and none of its identifiers is taken again', async () => {
  const stateDir = temporaryFolder();
  const buy = (identifier: string) => ({
    market: 'KRW-BTC',
    side: 'bid',
    ord_type: 'price',
    price: '6000',
    identifier,
  });
  const answered: string[] = [];
  let asked = 0;

  for (let life = 0; life < 4; life += 1) {
    const { child, url } = await start(stateDir, 'forgetful', 'control');
    const control = new FaultControl(String(url.split(' ')[1]));
    const exchange = String(url.split(' ')[0]);
    const { orders, balances } = await control.ledger();
    const made = orders.map(({ identifier }) => identifier);
    expect(new Set(made).size).toBe(made.length);
    expect(answered.filter((identifier) => !made.includes(identifier))).toEqual([]);
    expect(orders.map(({ state }) => state)).not.toContain('wait');
    const spent = orders.reduce((sum, one) => sum.plus(one.executed_funds).plus(one.paid_fee), new Exact(0));
    expect(balances.find(({ currency }) => currency === 'KRW')?.balance).toBe(
      new Exact(10_000_000).minus(spent).toFixed(),
    );
    for (const identifier of answered.slice(0, 3)) {
      const again = await signed(exchange, 'POST', '/v1/orders', { body: buy(identifier) });
      expect(again.json.error.name).toBe('duplicated_identifier');
    }

    let alive = true;
    const buying = Array.from({ length: 4 }, async () => {
      while (alive) {
        const identifier = `buy-${asked}`;
        asked += 1;
        try {
          const created = await signed(exchange, 'POST', '/v1/orders', { body: buy(identifier) });
          if (created.status === 201) answered.push(identifier);
        } catch {
          return; // The connection went with the process: this order was never answered.
        }
      }
    });
    await midway(() => answered.length, 10, 250 + life * 70);
    await kill(child);
    alive = false;
    await Promise.all(buying);
  }

  expect(existsSync(join(stateDir, 'orders.sqlite'))).toBe(true);
  expect(answered.length).toBeGreaterThan(20);
});

/** What the killed processes were, in this one. */
function openBook(folder: string, now: number) {
  const market = parseMarket('KRW-BTC');
  const sources = new Map([[market, simulatedSource(market, 1)]]);
  return createExchange(
    candleTape(sources),
    openLedgerStore(folder, () => {}),
    { seed: 1, now, book: THIN_BOOK },
  );
}

/** The same orders at the same market times, by a life without deaths. */
function livedThrough({ orders }: Ledger, until: number): Ledger {
  const exchange = openBook(temporaryFolder(), 0);
  for (const { request, createdAt } of orders.values()) exchange.submit(request, createdAt);
  exchange.advance(until);
  return exchange.ledger;
}

test('after kill -9 the order book goes on as if nothing had been: places, partial fills and what was taken', async () => {
  const stateDir = temporaryFolder();
  for (let life = 0; life < 3; life += 1) {
    const { child, url } = await start(stateDir, 'levels');
    const order = (body: Record<string, unknown>) =>
      signed(url, 'POST', '/v1/orders', { body: { market: 'KRW-BTC', ...body } });
    expect((await order({ side: 'bid', ord_type: 'price', price: '600000' })).status).toBe(201);
    const [ticker] = (await get(`${url}/v1/ticker?markets=KRW-BTC`)).json;
    for (const below of [0, 10_000, 20_000]) {
      const price = String(ticker.trade_price - below);
      const made = await order({ side: 'bid', ord_type: 'limit', price, volume: '0.005', smp_type: 'none' });
      expect(made.status).toBe(201);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    await kill(child);
  }

  const until = Date.UTC(2025, 0, 1, 12);
  const killed = openBook(stateDir, until);
  killed.advance(until);

  expect(killed.ledger.orders.size).toBe(12);
  expect([...killed.ledger.orders.values()].some(({ fills }) => fills.length > 2)).toBe(true);
  expect(JSON.stringify(ledgerToJson(killed.ledger))).toBe(
    JSON.stringify(ledgerToJson(livedThrough(killed.ledger, until))),
  );
}, 60_000);
