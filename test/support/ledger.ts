import { Client } from 'pg';
import { afterAll } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { allocate } from '../../db/cash-flows.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { rebuildLedger } from '../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../db/market-accounts.ts';
import { recordAccepted } from '../../db/order-outcomes.ts';
import { beginSending } from '../../db/order-sending.ts';
import { type IntendedOrder, insertIntendedOrder, type Order } from '../../db/orders.ts';
import type { ReportedFill } from '../../db/trades.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import { type BotId, orderIdentifier } from '../../strategy/order-identifier.ts';
import { minute } from './candles.ts';
import { createMigratedDatabase } from './database.ts';

export const BTC = parseMarket('KRW-BTC');
export const ETH = parseMarket('KRW-ETH');
const BOT = 'testbot1' as BotId;

/** Market time at which the orders of these tests are still in time. */
export const IN_TIME = minute(1);
export const DEADLINE = minute(2);

/** A migrated database of its own. Its rows cannot be removed, so each test takes an account of its own. */
export async function createLedgerDatabase(): Promise<{ db: Db; url: string; close(): Promise<void> }> {
  const database = await createMigratedDatabase();
  await makeCommitsFast(database.url);
  const db = connectDatabase(database.url, { applicationName: 'test', maxConnections: 12 });
  return {
    db,
    url: database.url,
    close: async () => {
      await db.destroy();
      await database.drop();
    },
  };
}

/** The same for all tests of a file, removed after them. Called where the file begins. */
export async function useLedgerDatabase(): Promise<{ readonly db: Db; readonly url: string }> {
  const { db, url, close } = await createLedgerDatabase();
  afterAll(close);
  return { db, url };
}

/** These tests take thousands of transactions and kill no server: they need not wait for the disk. */
async function makeCommitsFast(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`);
  await client.end();
}

let made = 0;

/** A new account with one sub-account for each market, holding what is given. */
export async function anAccount(db: Db, cash: string, markets = [BTC]): Promise<string> {
  made += 1;
  const account = `paper-${process.pid}-${made}`;
  await ensureMarketAccounts(db, account, markets, '0');
  for (const market of cash === '0' ? [] : markets) await allocate(db, { account, market, cash, note: 'test' });
  return account;
}

/** 10 coins at 1,000 KRW and 0.05 %: a bid reserves 10,005 KRW. */
export function anOrder(account: string, changes: Partial<IntendedOrder> = {}): IntendedOrder {
  made += 1;
  const { leg = 'entry', market = BTC } = changes;
  return {
    account,
    identifier: orderIdentifier({ botId: BOT, market, candle: made * 60_000, leg }),
    market,
    leg,
    side: 'bid',
    price: '1000',
    quantity: '10',
    feeRate: '0.0005',
    request: { type: 'limit', side: 'bid', price: '1000', volume: '10' },
    deadline: DEADLINE,
    decision: null,
    ...changes,
  };
}

/** The order as decided: `intended`. */
export function intend(db: Db, order: IntendedOrder): Promise<Order> {
  return db.transaction().execute((trx) => insertIntendedOrder(trx, order));
}

/** The order once the exchange has it: `open`. */
export async function open(db: Db, order: IntendedOrder): Promise<string> {
  await intend(db, order);
  await beginSending(db, order.identifier, IN_TIME);
  await recordAccepted(db, order.identifier, `exchange-${order.identifier}`);
  return order.identifier;
}

/** A fill of `quantity` coins at `price` KRW; funds as the exchange computes them. */
export function aFill(exchangeTradeId: string, quantity: string, price: string): ReportedFill {
  const funds = decimalText(new Exact(quantity).times(price));
  return { exchangeTradeId, quantity, price, funds, executedAt: IN_TIME };
}

/** The figures of one sub-account in one flat object, short to compare. */
export async function figures(db: Db, account: string, market: string = BTC) {
  const found = (await readMarketAccounts(db, account)).find((one) => one.market === market);
  if (found === undefined) throw new Error(`${account} has no ${market}`);
  const { holdings, reserved } = found;
  return { ...holdings, reservedCash: reserved.cash, reservedQuantity: reserved.quantity };
}

/** Fails unless booking everything again gives the same sub-accounts. */
export async function requireProven(db: Db, account: string): Promise<void> {
  const found = await rebuildLedger(db, account);
  if (found.length > 0) throw new Error(`the ledger of ${account} is not proven: ${JSON.stringify(found)}`);
}
