import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { adopt } from '../../db/cash-flows.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { lockMarketAccount } from '../../db/market-accounts.ts';
import { beginSending, renewSending } from '../../db/order-sending.ts';
import { readOrder } from '../../db/orders.ts';
import {
  haltTrading,
  readTradingState,
  reduceTrading,
  resumeTrading,
  shareTradingState,
} from '../../db/trading-state.ts';
import { anAccount, anOrder, BTC, createLedgerDatabase, DEADLINE, IN_TIME, intend } from '../support/ledger.ts';

let db: Db;
/** A pool of its own, so that a halt never waits for a connection that the sends have taken. */
let operator: Db;
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await createLedgerDatabase();
  ({ db, close, url } = database);
  operator = connectDatabase(database.url, { applicationName: 'operator' });
});
afterAll(async () => {
  await operator.destroy();
  await close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the state of trading', () => {
  it('is active until somebody says otherwise', async () => {
    expect(await readTradingState(db, 'paper-new')).toEqual({ state: 'active', reason: null });
  });

  it('keeps the reason and time of the first halt', async () => {
    const first = await haltTrading(db, 'paper-halted', 'a');
    expect(first).toMatchObject({ changed: true, state: { state: 'halted', reason: 'a' } });
    expect(await haltTrading(db, 'paper-halted', 'b')).toEqual({ changed: false, state: first.state });
    const resumed = await resumeTrading(db, 'paper-halted', 'c');
    expect(resumed).toMatchObject({ changed: true, state: { state: 'active', reason: 'c' } });
    expect(await resumeTrading(db, 'paper-halted', 'd')).toEqual({ changed: false, state: resumed.state });
  });
});

describe('an order that meets a halt', () => {
  it('stays intended, goes out once trading resumes, and expires at its deadline all the same', async () => {
    const account = await anAccount(db, '20000');
    const { identifier } = await intend(db, anOrder(account));
    await haltTrading(db, account, 'test');

    expect(await beginSending(db, identifier, IN_TIME)).toMatchObject({ kind: 'halted', state: { reason: 'test' } });
    expect((await readOrder(db, identifier))?.status).toBe('intended');
    await resumeTrading(db, account, 'test');
    expect(await beginSending(db, identifier, IN_TIME)).toMatchObject({ kind: 'send' });

    const other = await anAccount(db, '20000');
    const late = await intend(db, anOrder(other));
    await haltTrading(db, other, 'test');
    expect(await beginSending(db, late.identifier, DEADLINE)).toMatchObject({ kind: 'settled', status: 'expired' });
  });

  it('while it may have been sent is looked up, not sent again', async () => {
    const account = await anAccount(db, '20000');
    const { identifier } = await intend(db, anOrder(account));
    await beginSending(db, identifier, IN_TIME);

    await haltTrading(db, account, 'test');

    expect(await beginSending(db, identifier, IN_TIME)).toMatchObject({ kind: 'maybe-sent' });
    expect(await renewSending(db, identifier, IN_TIME)).toMatchObject({ kind: 'halted' });
  });

  test.each([
    ['bid', 'halted'],
    ['ask', 'send'],
  ] as const)('of purchases only: a %s is %s', async (side, kind) => {
    const account = await anAccount(db, '20000');
    await adopt(db, { account, market: BTC, quantity: '10', cost: '1', note: 'test' });
    const { identifier } = await intend(db, anOrder(account, { side, leg: side === 'bid' ? 'entry' : 'exit' }));
    await reduceTrading(db, account, 'test');
    expect((await beginSending(db, identifier, IN_TIME)).kind).toBe(kind);
  });

  it('of another account does not care', async () => {
    await haltTrading(db, 'paper-another', 'test');
    const { identifier } = await intend(db, anOrder(await anAccount(db, '20000')));
    expect((await beginSending(db, identifier, IN_TIME)).kind).toBe('send');
  });
});

describe('a halt and a send at once, on connections of their own', () => {
  it('the halt waits for a send that holds the state', async () => {
    const account = await anAccount(db, '20000');
    const { identifier } = await intend(db, anOrder(account));
    const done: string[] = [];
    let sending: Promise<unknown> | undefined;
    let halting: Promise<unknown> | undefined;
    await db.transaction().execute(async (trx) => {
      // The send shares the state first and then waits here for the market's lock.
      await lockMarketAccount(trx, account, BTC);
      sending = beginSending(db, identifier, IN_TIME).then((result) => done.push(result.kind));
      await pause(100);
      halting = haltTrading(operator, account, 'test').finally(() => done.push('halted'));
      await pause(100);
      expect(done).toEqual([]);
    });

    await Promise.all([sending, halting]);
    expect(done).toEqual(['send', 'halted']);
  });

  it('a send waits for a halt that is not committed yet, and is refused', async () => {
    const account = await anAccount(db, '20000');
    const { identifier } = await intend(db, anOrder(account));
    let sending: ReturnType<typeof beginSending> | undefined;
    await operator.transaction().execute(async (trx) => {
      await haltTrading(trx, account, 'test');
      sending = beginSending(db, identifier, IN_TIME);
      expect(await Promise.race([sending, pause(100).then(() => 'waiting')])).toBe('waiting');
    });
    expect(await sending).toMatchObject({ kind: 'halted' });
  });

  it('after the halt returned nothing is sent, however many try', async () => {
    const markets = Array.from({ length: 20 }, (_, n) => parseMarket(`KRW-M${n}`));
    const account = await anAccount(db, '20000', markets);
    const orders = await Promise.all(markets.map((market) => intend(db, anOrder(account, { market }))));
    // A few start one after the other around the halt, the last five when it has returned for certain.
    let haltReturned = false;
    let returned: Promise<unknown> = Promise.resolve();
    const sentAfter: string[] = [];
    const attempts = orders.map(async ({ identifier }, n) => {
      await pause(n * 3);
      if (n >= 15) await returned;
      const startedAfter = haltReturned;
      const { kind } = await beginSending(db, identifier, IN_TIME);
      if (startedAfter && kind === 'send') sentAfter.push(identifier);
      return kind;
    });
    await pause(20);
    const halting = haltTrading(operator, account, 'test');
    returned = halting;
    await halting;
    haltReturned = true;
    const sendingAtHalt = await operator
      .selectFrom('orders')
      .select('id')
      .where('account', '=', account)
      .where('status', '=', 'sending')
      .execute();

    const kinds = await Promise.all(attempts);

    expect(sentAfter).toEqual([]);
    expect(kinds.filter((kind) => kind === 'send')).toHaveLength(sendingAtHalt.length);
    expect(kinds).toContain('halted');
  });

  it('the halt is not kept waiting by a process that stands still in the middle of a transaction', async () => {
    const account = await anAccount(db, '20000');
    const { identifier } = await intend(db, anOrder(account));
    const frozen = connectDatabase(url, { applicationName: 'frozen' });
    let goOn = (): void => undefined;
    const standing = frozen.transaction().execute(async (trx) => {
      await shareTradingState(trx, account);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    });
    // What it was about to do fails when it goes on.
    const ended = expect(standing).rejects.toThrow();
    await pause(100);

    const began = performance.now();
    await haltTrading(operator, account, 'test', 10_000);
    expect(performance.now() - began).toBeLessThan(7_000);
    expect(await beginSending(db, identifier, IN_TIME)).toMatchObject({ kind: 'halted' });
    goOn();
    await ended;
    await frozen.destroy();
  });

  it('the halt gives up, having changed nothing, where the state is held by somebody the server does not end', async () => {
    const account = await anAccount(db, '20000');
    await operator.transaction().execute(async (trx) => {
      await shareTradingState(trx, account);
      await expect(haltTrading(db, account, 'test', 300)).rejects.toMatchObject({ code: '55P03' });
    });
    expect(await readTradingState(db, account)).toMatchObject({ state: 'active' });
  });
});
