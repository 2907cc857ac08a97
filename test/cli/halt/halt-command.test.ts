import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../cli/up/ports.ts';
import { connectDatabase } from '../../../db/connect.ts';
import { markExpired, recordNotSent } from '../../../db/order-outcomes.ts';
import { beginSending, renewSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import { readTradingState, resumeTrading, shareTradingState } from '../../../db/trading-state.ts';
import { anOrder, BTC, IN_TIME, intend, requireProven } from '../../support/ledger.ts';
import { type MoneyScene, openMoneyScene } from '../../support/money-scene.ts';
import { markUnknown } from '../../support/order-outcomes.ts';

let scene: MoneyScene;

beforeAll(async () => {
  scene = await openMoneyScene('8000000');
});
afterAll(() => scene.close());
beforeEach(async () => {
  await resumeTrading(scene.db, scene.account, 'test');
});

/** Far below the market: it rests. */
const RESTING = ['bid', '1000000', '0.1'] as const;
const status = async (identifier: string) => (await requireOrder(scene.db, identifier)).status;

describe('durabit halt', { timeout: 60_000 }, () => {
  it('stops sending, cancels what rests, books it, and proves that nothing is open', async () => {
    const resting = await scene.trade(...RESTING, 'open');
    const { code, json, stderr } = await scene.run('halt', '--reason', 'exchange notice');

    expect(code, stderr).toBe(0);
    expect(json).toMatchObject({
      ...{ account: scene.account, state: 'halted', reason: 'exchange notice', proven: true, not_known: [] },
      orders: [{ identifier: resting, status: 'canceled' }],
    });
    expect(stderr).toMatch(/0\.\d\d s {2}halted: no new order begins\n/);
    expect(await scene.exchange.fetchOpenOrders()).toEqual([]);
    expect(
      await beginSending(scene.db, (await intend(scene.db, anOrder(scene.account))).identifier, IN_TIME),
    ).toMatchObject({ kind: 'halted', state: { reason: 'exchange notice' } });
    const { json: shown } = await scene.run('status');
    expect(shown.wrong).toContainEqual(
      expect.objectContaining({ about: 'trading', problem: 'halted, no order goes out: exchange notice' }),
    );
    await requireProven(scene.db, scene.account);
  });

  it('a second time says since when, keeps the reason, proves again; unhalt records its own and says what is open', async () => {
    const first = await scene.run('halt', '--reason', 'first');
    const second = await scene.run('halt', '--reason', 'second');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.json).toMatchObject({ reason: 'first', since: first.json.since, proven: true });
    expect(second.stderr).toMatch(/halted already, since /);

    const resumed = await scene.run('unhalt', '--reason', 'notice is over');
    expect([resumed.code, resumed.json]).toMatchObject([
      0,
      { state: 'active', changed: true, reason: 'notice is over' },
    ]);
    expect(await readTradingState(scene.db, scene.account)).toMatchObject({
      state: 'active',
      reason: 'notice is over',
    });

    const resting = await scene.trade(...RESTING, 'open');
    const { stdout } = await scene.bot.run(['unhalt']);
    expect(stdout).toMatch(/Trading was active already, since .*\nstill open: /);
    expect(stdout).toContain(resting);
    await scene.run('halt');
    expect(await status(resting)).toBe('canceled');
  });

  it('typed by two at once ends well for both', async () => {
    const resting = await scene.trade(...RESTING, 'open');
    const [one, other] = await Promise.all([
      scene.spawn('halt', '--reason', 'a'),
      scene.spawn('halt', '--reason', 'b'),
    ]);
    expect([one.code, other.code], one.stderr + other.stderr).toEqual([0, 0]);
    expect(one.json.reason).toBe(other.json.reason);
    expect(await status(resting)).toBe('canceled');
  });

  it('waits for a request that is on its way, and cancels the order when it has arrived', async () => {
    const order = await scene.trade(...RESTING, 'sending');
    // On a busy machine the command may take seconds to start; the request left just before it did.
    const sending_at = new Date(Date.now() + 15_000);
    await scene.db.updateTable('orders').set({ sending_at }).where('identifier', '=', order).execute();
    const halting = scene.spawn('halt');
    await expect
      .poll(async () => (await readTradingState(scene.db, scene.account)).state, { timeout: 30_000 })
      .toBe('halted');
    await pause(1_500);
    const [side, price, volume] = RESTING;
    await scene.exchange.createOrder({ market: BTC, identifier: order, type: 'limit', side, price, volume });

    const { code, json, stderr } = await halting;
    expect(code, stderr).toBe(0);
    expect(json.orders).toMatchObject([{ identifier: order, status: 'canceled' }]);
    expect(await scene.exchange.fetchOpenOrders()).toEqual([]);
  });

  it('expires what was decided and not sent, and books what was executed without anybody hearing of it', async () => {
    const bought = await scene.trade('bid', '160000000', '0.01', 'lost');
    const { code, json } = await scene.run('halt');
    expect([code, json.orders]).toMatchObject([
      0,
      [{ identifier: bought, status: 'filled', executed_quantity: '0.01' }],
    ]);

    const { identifier } = await intend(scene.db, anOrder(scene.account));
    expect((await scene.run('halt')).code).toBe(0);
    expect(await requireOrder(scene.db, identifier)).toMatchObject({
      ...{ status: 'expired', status_reason: 'trading was halted before it was sent' },
    });
    await requireProven(scene.db, scene.account);
  });

  it('is proven although an order was about to be sent, where it is certain that nothing of it left', async () => {
    const identifier = await scene.trade(...RESTING, 'sending');
    const { sending_at: sentAt } = await requireOrder(scene.db, identifier);
    await recordNotSent(scene.db, { identifier, repeated: false, sentAt });

    expect(await scene.run('halt')).toMatchObject({ code: 0, json: { not_known: [] } });
    expect(await status(identifier)).toBe('expired');
  });

  it('says that one decided before goes out without another decision, when it is lifted in time', async () => {
    const { identifier } = await intend(scene.db, anOrder(scene.account));
    const { stdout } = await scene.bot.run(['unhalt']);
    expect(stdout).toContain(`still intended: ${identifier}, which goes out at once while its deadline is ahead`);
    await scene.run('halt');
  });

  it('cancels what rests under the id of the bot although the ledger lacks it, and says so', async () => {
    const [side, price, volume] = RESTING;
    const identifier = 'testbot1-KRW-BTC-lost-entry';
    await scene.exchange.createOrder({ market: BTC, identifier, type: 'limit', side, price, volume });
    await scene.exchange.createOrder({ market: BTC, identifier: 'by-hand', type: 'limit', side, price, volume });

    const { code, json } = await scene.run('halt');

    expect(code).toBe(1);
    expect(json).toMatchObject({ state: 'halted', proven: false, not_known: [{ about: identifier }] });
    expect((await scene.exchange.fetchOpenOrders()).map((order) => order.identifier)).toEqual(['by-hand']);
    await scene.exchange.cancelOrder({ identifier: 'by-hand' });
  });

  it('does not wait for a process that stands still in the middle of sending', async () => {
    const { identifier } = await intend(scene.db, anOrder(scene.account));
    const frozen = connectDatabase(scene.databaseUrl, { applicationName: 'frozen' });
    let release = (): void => undefined;
    const standing = frozen.transaction().execute(async (trx) => {
      // The five seconds that the server gives connections of ours are waited for where `haltTrading` is tested.
      await sql`SET LOCAL idle_in_transaction_session_timeout = '1s'`.execute(trx);
      await shareTradingState(trx, scene.account);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    const ended = expect(standing).rejects.toThrow();
    await pause(200);
    const { code, stderr } = await scene.run('halt');
    release();
    await ended;
    await frozen.destroy();

    expect(code, stderr).toBe(0);
    expect(await status(identifier)).toBe('expired');
  });

  it('of a bot that does not run halts its ledger, and says that its exchange could not be asked', async () => {
    scene.stop();
    try {
      const { code, stdout } = await scene.bot.runHere(['halt'], { DATABASE_URL: scene.databaseUrl });
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /^HALTED since .*\nNo new order begins, .* NOT ALL IS KNOWN:\n {2}exchange: no durabit runs/,
      );
      expect(await readTradingState(scene.db, scene.account)).toMatchObject({ state: 'halted' });
    } finally {
      scene.start();
    }
  });

  it('halts although the settings it is typed with do not fit the account', async () => {
    const env = { UPBIT_BASE_URL: scene.exchangeUrl, TRADING_MODE: 'paper' };
    const keyless = await scene.bot.runHere(['halt'], env);
    expect([keyless.code, keyless.stdout]).toEqual([
      1,
      expect.stringMatching(/^HALTED .*[\s\S]*UPBIT_ACCESS_KEY and /),
    ]);
    expect(await readTradingState(scene.db, scene.account)).toMatchObject({ state: 'halted' });
    const keys = { UPBIT_ACCESS_KEY: 'another', UPBIT_SECRET_KEY: 'another' };
    expect((await scene.bot.runHere(['halt'], { ...env, ...keys })).stdout).toMatch(/the settings here name paper-/);
  });

  it('says that nothing was halted when PostgreSQL cannot be reached, and what stops the bot then', async () => {
    const url = `postgres://nobody@127.0.0.1:${await freePort()}/durabit`;
    const { code, stderr } = await scene.bot.runHere(['halt', '--timeout', '1s'], { DATABASE_URL: url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/NOT HALTED yet\. While PostgreSQL is away no order begins, .*: kill \d+ /);
    expect(stderr).toMatch(/\ndurabit: trading is NOT halted: PostgreSQL at .* cannot be reached/);
    expect(await readTradingState(scene.db, scene.account)).toMatchObject({ state: 'active' });
  });

  it('names who keeps it from halting', async () => {
    const holder = connectDatabase(scene.databaseUrl, { applicationName: 'somebody else' });
    await holder.transaction().execute(async (trx) => {
      await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(trx);
      await trx.selectFrom('trading_state').selectAll().forUpdate().execute();
      const { code, stderr } = await scene.bot.runHere(['halt', '--timeout', '1s']);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /trading is NOT halted: a transaction holds the trading state; .*"somebody else" \(backend \d+/,
      );
    });
    await holder.destroy();
  });

  it('tells of an order that may have been sent and is nowhere, and cancels it when it turns up after all', async () => {
    const order = await scene.trade(...RESTING, 'sending');
    // Of the five seconds after which an order that is not found was not sent, or is nowhere, four are over.
    await sql`UPDATE orders SET sending_at = sending_at - interval '4 s' WHERE identifier = ${order}`.execute(scene.db);
    const { code, json } = await scene.run('halt');
    expect(code).toBe(1);
    expect(json.not_known).toMatchObject([{ about: order, problem: expect.stringMatching(/may have been sent/) }]);
    expect(await renewSending(scene.db, order, IN_TIME)).toMatchObject({ kind: 'settled', status: 'unknown' });

    const [side, price, volume] = RESTING;
    await scene.exchange.createOrder({ market: BTC, identifier: order, type: 'limit', side, price, volume });
    expect(await scene.run('halt')).toMatchObject({ code: 0, json: { proven: true } });
    expect(await status(order)).toBe('canceled');
    expect(await scene.exchange.fetchOpenOrders()).toEqual([]);
  });

  it('calls one that its owner gave up not known, for as long as its request can still arrive', async () => {
    const terms = ['bid', '160000000', '0.01'] as const;
    const order = await scene.trade(...terms, 'sending');
    await markUnknown(scene.db, order);
    await markExpired(scene.db, order, 'settled as not-sent by somebody');
    const sent = (change: string) =>
      sql`UPDATE orders SET sending_at = sending_at ${sql.raw(change)} WHERE identifier = ${order}`.execute(scene.db);

    const { code, json } = await scene.run('halt');
    expect(code).toBe(1);
    const cure = expect.stringMatching(/^npx durabit halt again after \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    const problem = expect.stringMatching(/given up .*settled as not-sent by .*may still be on its way/);
    expect(json).toMatchObject({ proven: false, not_known: [{ about: order, problem, cure }] });

    await sent(`- interval '16 minutes'`);
    expect(await scene.run('halt')).toMatchObject({ code: 0, json: { not_known: [] } });

    await sent(`+ interval '16 minutes'`);
    const [side, price, volume] = terms;
    await scene.exchange.createOrder({ market: BTC, identifier: order, type: 'limit', side, price, volume });
    expect(await scene.run('halt')).toMatchObject({ code: 0, json: { not_known: [] } });
    // It never rested, so that no list of open orders shows it.
    expect(await status(order)).toBe('filled');
    await requireProven(scene.db, scene.account);
  });
});

/** Last: the exchange does not come back. */
it('halts although the exchange is down, and says that what rests there is not known', {
  timeout: 60_000,
}, async () => {
  const resting = await scene.trade(...RESTING, 'open');
  await scene.closeExchange();
  const { code, json, stderr } = await scene.run('halt', '--timeout', '2s');

  expect(code, stderr).toBe(1);
  expect(json).toMatchObject({ state: 'halted', proven: false });
  expect(json.not_known.map(({ about }: { about: string }) => about.split(' ')[0])).toEqual(
    expect.arrayContaining(['exchange', resting]),
  );
  expect(json.took_ms).toBeLessThan(10_000);
  expect(await readTradingState(scene.db, scene.account)).toMatchObject({ state: 'halted' });
});
