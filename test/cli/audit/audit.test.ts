import { Decimal } from 'decimal.js';
import { type RawBuilder, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { pollOnce } from '../../../activities/trading/order-fills.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { type AuditSubject, auditAccount } from '../../../cli/audit/audit.ts';
import type { AuditResult } from '../../../cli/audit/findings.ts';
import { auditText } from '../../../cli/audit/report.ts';
import { adopt, allocate } from '../../../db/cash-flows.ts';
import { ExchangeUnavailable, RateLimited } from '../../../exchange/errors.ts';
import type { ExchangeOrder } from '../../../exchange/port.ts';
import { markUnknown } from '../../support/order-outcomes.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const OPENING = '10000000';

async function openScene(cash?: string): Promise<TradingScene> {
  const scene = await openTradingScene(cash);
  await sql`INSERT INTO settings (key, value) VALUES ('bot_id', 'testbot1')`.execute(scene.db);
  return scene;
}

function audit(
  scene: TradingScene,
  change: Partial<AuditSubject['exchange']> = {},
  patienceMs = 0,
): Promise<AuditResult> {
  const exchange = { ...scene.exchange, ...change };
  return auditAccount({ exchange, db: scene.db, account: TRADED.account, openingKrw: OPENING, patienceMs });
}

/** Decided, placed and filled at the exchange; booked unless `booked` is false. */
async function trade(scene: TradingScene, { booked = true } = {}): Promise<string> {
  const { identifier } = await scene.decideUntilOrder();
  await placeOrder(scene.deps, identifier);
  if (booked) await pollOnce(scene.deps, identifier);
  return identifier;
}

/** An order from past the bot: bought at the market with what is free there. */
function buy(scene: TradingScene, identifier: string, spendKrw = '100000'): Promise<ExchangeOrder> {
  return scene.exchange.createOrder({ market: TRADED.market, identifier, type: 'market', side: 'bid', spendKrw });
}

const checks = ({ findings }: AuditResult) => [...new Set(findings.map(({ check }) => check))].sort();
const detailOf = ({ findings }: AuditResult, check: string) =>
  findings.filter((finding) => finding.check === check).map(({ detail }) => detail);

/** Makes the statement possible that the database's guards refuse, as a fault below them would. */
async function pastTheGuards(scene: TradingScene, statement: RawBuilder<unknown>): Promise<void> {
  await scene.db.connection().execute(async (connection) => {
    await sql`SET session_replication_role = replica`.execute(connection);
    await statement.execute(connection);
    await sql`SET session_replication_role = origin`.execute(connection);
  });
}

describe('a ledger that equals the exchange', () => {
  it('is found equal before anything was traded', async () => {
    const result = await audit(await openScene());
    expect(result).toMatchObject({ ledger_equals_exchange: true, findings: [], orders_at_exchange: 0 });
  });

  it('is found equal after several orders, each booked', async () => {
    const scene = await openScene();
    for (let orders = 0; orders < 3; orders += 1) {
      await trade(scene);
      scene.pass(1_000);
    }
    const result = await audit(scene);

    expect(result.findings).toEqual([]);
    expect(result).toMatchObject({
      ...{ ledger_equals_exchange: true, orders_at_exchange: 3, orders_in_ledger: 3, duplicates: 0, lost: 0 },
      ...{ in_flight: [], outside: { KRW: '0', BTC: '0' } },
    });
    expect(result.fills_at_exchange).toBe(result.fills_in_ledger);
    expect(result.fills_at_exchange).toBeGreaterThanOrEqual(3);
    expect(auditText(result)).toMatch(/^The ledger of paper-test equals the exchange\./);
  });

  it('is found equal while an order is on its way, which is said', async () => {
    const scene = await openScene();
    const identifier = await trade(scene, { booked: false });

    const result = await audit(scene);

    expect(result.findings).toEqual([]);
    expect(result.in_flight.map(({ check }) => check)).toEqual(['order state', 'fill lost']);
    expect(result.in_flight[0]?.detail).toContain(identifier);
    expect(result.outside).toEqual({ KRW: '0', BTC: '0' });
  });

  it('is found equal after won was given and taken back, and coins bought by hand were adopted', async () => {
    const scene = await openScene('4000000');
    await trade(scene);
    const { exchangeOrderId } = await buy(scene, 'my-own-order');
    const quantity = (await scene.exchange.fetchOrder({ exchangeOrderId }))?.executedVolume ?? '';
    const flow = { account: TRADED.account, market: TRADED.market, note: 'test' };
    await adopt(scene.db, { ...flow, quantity, cost: '100050' });
    await allocate(scene.db, { ...flow, cash: '2000000' });
    await allocate(scene.db, { ...flow, cash: '-500000.5' });

    const result = await audit(scene);

    expect(result.findings).toEqual([]);
    expect(result.outside.BTC).toBe('0');
  });

  it('is found equal after the exchange took another fee than its fills add up to', async () => {
    const scene = await openScene();
    const { identifier } = await scene.decideUntilOrder();
    await placeOrder(scene.deps, identifier);
    // One won less of fees, which is one won more on the account.
    const cheaper: Pick<TradingScene['exchange'], 'fetchOrder' | 'fetchBalances'> = {
      fetchOrder: async (reference) => {
        const order = await scene.exchange.fetchOrder(reference);
        return order && { ...order, paidFee: new Decimal(order.paidFee).minus(1).toFixed() };
      },
      fetchBalances: async () =>
        (await scene.exchange.fetchBalances()).map((balance) =>
          balance.currency === 'KRW' ? { ...balance, free: new Decimal(balance.free).plus(1).toFixed() } : balance,
        ),
    };
    await pollOnce({ ...scene.deps, exchange: { ...scene.exchange, ...cheaper } }, identifier);

    expect((await audit(scene, cheaper)).findings).toEqual([]);
    expect(checks(await audit(scene))).toContain('fee');
  });

  it('is found equal although the exchange was away, or out of calls, for a moment', async () => {
    const scene = await openScene();
    await trade(scene);
    const away: Error[] = [new ExchangeUnavailable('restarting'), new RateLimited('default', 10)];
    const fetchBalances = () => {
      const failure = away.pop();
      return failure === undefined ? scene.exchange.fetchBalances() : Promise.reject(failure);
    };
    expect(await audit(scene, { fetchBalances })).toMatchObject({ ledger_equals_exchange: true });
    expect(away).toEqual([]);
  });

  it('is not blamed for coins bought by hand with won that were never allocated', async () => {
    const scene = await openScene('4000000');
    await trade(scene);
    const byHand = await buy(scene, 'my-own-order');

    const result = await audit(scene);

    expect(result.findings).toEqual([]);
    const seen = await scene.exchange.fetchOrder({ exchangeOrderId: byHand.exchangeOrderId });
    expect(result.outside.BTC).toBe(seen?.executedVolume);
    expect(Number(result.outside.KRW)).toBeCloseTo(6_000_000 - 100_050, -2);
  });
});

describe('what differs is named', () => {
  it('an order of ours that the ledger lacks', async () => {
    const scene = await openScene('4000000');
    await trade(scene);
    const { exchangeOrderId } = await buy(scene, 'testbot1-KRW-BTC-t00000-entry');

    const result = await audit(scene);

    expect(checks(result)).toEqual(['cash', 'coins', 'order lost']);
    expect(result.lost).toBe(1);
    expect(detailOf(result, 'order lost')[0]).toContain(exchangeOrderId);
    expect(auditText(result)).toContain('does NOT equal the exchange: 3 findings');
  });

  it.each(['-2', '2', '-again'])('a second order for one leg under the identifier with %s', async (ending) => {
    const scene = await openScene('4000000');
    const identifier = await trade(scene);
    await buy(scene, `${identifier}${ending}`);

    const result = await audit(scene);

    expect(checks(result)).toContain('one order per leg');
    expect(result).toMatchObject({ duplicates: 1, ledger_equals_exchange: false });
    expect(detailOf(result, 'one order per leg')[0]).toContain(`${identifier}${ending}`);
  });

  it('an order of the ledger that the exchange does not have', async () => {
    const scene = await openScene();
    const identifier = await trade(scene);
    const result = await audit(scene, { fetchClosedOrders: async () => [], fetchOrder: async () => undefined });

    expect(result.lost).toBe(1);
    expect(checks(result)).toEqual(['cash', 'coins', 'exchange record', 'fill lost', 'order lost']);
    expect(detailOf(result, 'order lost')[0]).toContain(identifier);
  });

  it('a fill the ledger lacks, of an order it calls ended', async () => {
    const scene = await openScene();
    const identifier = await trade(scene, { booked: false });
    await sql`
      UPDATE orders SET status = 'canceled' WHERE identifier = ${identifier}`.execute(scene.db);

    const result = await audit(scene);

    expect(checks(result)).toEqual(
      ['cash', 'coins', 'exchange total', 'fee', 'fill lost', 'order differs', 'order state'].sort(),
    );
    expect(detailOf(result, 'fill lost')[0]).toContain(identifier);
  });

  it('an order called ended that still rests at the exchange', async () => {
    const scene = await openScene();
    const identifier = await trade(scene);
    const result = await audit(scene, {
      fetchOrder: async (reference) => {
        const order = await scene.exchange.fetchOrder(reference);
        return order === undefined ? undefined : { ...order, state: 'wait' };
      },
    });
    expect(detailOf(result, 'order state')).toEqual([expect.stringContaining(`${identifier} is "filled"`)]);
    expect(checks(result)).toEqual(['order state']);
  });

  it('cash that no fill explains, to the last decimal place', async () => {
    const scene = await openScene('4000000');
    await trade(scene);
    await sql`UPDATE market_accounts SET cash = cash + 0.000000000001`.execute(scene.db);

    const result = await audit(scene);

    expect(checks(result)).toEqual(['cash']);
    expect(detailOf(result, 'cash')[0]).toContain('(0.000000000001)');
  });

  it('coins that no fill explains', async () => {
    const scene = await openScene();
    await trade(scene);
    await sql`UPDATE market_accounts SET quantity = quantity + 0.00000001`.execute(scene.db);
    expect(checks(await audit(scene))).toEqual(['coins', 'exchange total']);
  });

  it('more allocated than the account holds', async () => {
    const scene = await openScene('10000001');
    expect(checks(await audit(scene))).toEqual(['exchange total']);
  });

  it.each([
    ['price', sql`UPDATE trades SET price = price + 1`, ['fill differs']],
    ['quantity', sql`UPDATE trades SET quantity = quantity + 0.00000001`, ['fill differs']],
    ['funds', sql`UPDATE trades SET funds = funds + 1`, ['fill differs']],
    ['fee', sql`UPDATE orders SET paid_fee = paid_fee + 0.01`, ['fee']],
    ['side', sql`UPDATE orders SET side = 'ask'`, ['decision', 'order differs']],
    ['what was decided', sql`UPDATE decisions SET action = 'hold'`, ['decision']],
    ['limit', sql`UPDATE orders SET price = price + 1000`, ['order differs']],
    ['volume', sql`UPDATE orders SET quantity = quantity + 1`, ['order differs', 'order state']],
    ['leg', sql`UPDATE orders SET leg = 'stop'`, ['order differs']],
    ['exchange id', sql`UPDATE orders SET exchange_order_id = 'another'`, ['order differs', 'order lost']],
    ['candle', sql`UPDATE decisions SET candle = candle - interval '1 day'`, ['order differs']],
    ['status', sql`UPDATE orders SET status = 'expired'`, ['order state']],
    [
      'a fill twice',
      sql`INSERT INTO trades (account, order_id, exchange_trade_id, executed_at, price, quantity, funds, fee)
          SELECT account, order_id, exchange_trade_id || 'x', executed_at, price, quantity, funds, fee FROM trades`,
      ['fill differs', 'fill lost'],
    ],
  ])('a ledger altered past its guards: %s', async (_what, statement, expected) => {
    const scene = await openScene();
    await trade(scene);
    await pastTheGuards(scene, statement);
    expect(checks(await audit(scene))).toEqual(expected);
  });

  it.each([
    ['KRW', '0.00000001', ['exchange record']],
    ['BTC', '0.00000001', ['exchange record']],
    ['BTC', '-0.00000001', ['exchange record', 'exchange total']],
  ])('a balance that is off by %s %s', async (currency, by, expected) => {
    const scene = await openScene('4000000');
    await trade(scene);
    const fetchBalances = async () =>
      (await scene.exchange.fetchBalances()).map((balance) =>
        balance.currency === currency ? { ...balance, free: new Decimal(balance.free).plus(by).toFixed() } : balance,
      );
    expect(checks(await audit(scene, { fetchBalances }))).toEqual(expected);
  });

  it('an order missing from the exchange’s own record', async () => {
    const scene = await openScene('4000000');
    const byHand = await buy(scene, 'my-own-order');
    const result = await audit(scene, {
      fetchClosedOrders: async (created) =>
        (await scene.exchange.fetchClosedOrders(created)).filter(
          ({ exchangeOrderId }) => exchangeOrderId !== byHand.exchangeOrderId,
        ),
    });
    expect(checks(result)).toEqual(['exchange record']);
  });

  it('a decision made twice, should the constraint have been lost', async () => {
    const scene = await openScene();
    await trade(scene);
    await sql`ALTER TABLE decisions DROP CONSTRAINT one_decision_per_candle`.execute(scene.db);
    await sql`
      INSERT INTO decisions (account, market, timeframe, candle, trigger, action, reason)
      SELECT account, market, timeframe, candle, trigger, 'stale', 'again' FROM decisions LIMIT 1`.execute(scene.db);
    expect(checks(await audit(scene))).toEqual(['decision']);
  });

  it('an account that moves while it is read, rather than calling it wrong or right', async () => {
    const scene = await openScene();
    let readings = 0;
    const fetchBalances: TradingScene['exchange']['fetchBalances'] = async () => [
      ...(await scene.exchange.fetchBalances()),
      { currency: 'ETC', free: '0', locked: '0', averageBuyPrice: String(++readings) },
    ];
    const result = await audit(scene, { fetchBalances });
    expect(checks(result)).toEqual(['at rest']);
  });
});

describe('the exchange is asked', () => {
  /** Market time passes: a little more than a day. */
  const A_DAY_MS = 1_445_000;

  /** @returns what was found, and how many orders were asked for singly */
  async function counted(scene: TradingScene, subject: Partial<AuditSubject> = { openingKrw: OPENING }) {
    let singly = 0;
    const fetchOrder: TradingScene['exchange']['fetchOrder'] = (reference) => {
      singly += 1;
      return scene.exchange.fetchOrder(reference);
    };
    const exchange = { ...scene.exchange, fetchOrder };
    const result = await auditAccount({ exchange, db: scene.db, account: TRADED.account, patienceMs: 0, ...subject });
    return { result, singly };
  }

  async function tradeAndWait(scene: TradingScene, orders: number): Promise<void> {
    for (let order = 0; order < orders; order += 1) {
      await trade(scene);
      scene.pass(1_000);
    }
    scene.pass(A_DAY_MS);
  }

  it('for no order of more than a day ago whose totals agree, and for each newer one once', async () => {
    const scene = await openScene();
    await tradeAndWait(scene, 4);

    const { result, singly } = await counted(scene);

    expect([result.findings, result.orders_at_exchange, result.orders_by_totals, singly]).toEqual([[], 4, 4, 0]);
    expect(result.fills_at_exchange).toBe(result.fills_in_ledger);
    expect(auditText(result)).toContain('of 4 orders older than a day by their totals');
  });

  it.each([
    ['quantity', sql`UPDATE trades SET quantity = quantity + 0.00000001 WHERE id = (SELECT max(id) FROM trades)`],
    ['funds', sql`UPDATE trades SET funds = funds + 1 WHERE id = (SELECT max(id) FROM trades)`],
    [
      'funds and fee',
      sql`UPDATE trades SET funds = funds + 1, fee = fee + 0.0005 WHERE id = (SELECT max(id) FROM trades)`,
    ],
  ])('for an older one whose totals do not agree: %s', async (_what, statement) => {
    const scene = await openScene();
    await tradeAndWait(scene, 2);
    await pastTheGuards(scene, statement);

    const { result, singly } = await counted(scene);

    expect([checks(result), singly]).toEqual([['fill differs'], 1]);
  });

  it('for orders of others only where what the account began with is known', async () => {
    const scene = await openScene('4000000');
    await trade(scene);
    await buy(scene, 'my-own-order');
    expect(await counted(scene)).toMatchObject({ singly: 2, result: { findings: [] } });
    expect(await counted(scene, {})).toMatchObject({ singly: 1, result: { findings: [] } });
  });
});

describe('an order that is on its way for longer than makes sense', () => {
  /** Filled at the exchange and never booked: its run died, and its deadline is a candle and more ago. */
  async function abandon(scene: TradingScene): Promise<string> {
    const identifier = await trade(scene, { booked: false });
    scene.pass(3_000);
    return identifier;
  }
  const sentLongAgo = sql`UPDATE orders SET sending_at = sending_at - interval '16 s'`;

  it('is a fault, with every fill that is not booked, and it is said what mends it', async () => {
    const scene = await openScene();
    const identifier = await abandon(scene);
    await sentLongAgo.execute(scene.db);

    const result = await audit(scene);

    expect(result.in_flight).toEqual([]);
    expect(checks(result)).toEqual(['fill lost', 'order state']);
    expect(detailOf(result, 'order state')[0]).toContain(`${identifier} is "open" since`);
    expect(detailOf(result, 'order state')[0]).toContain('durabit trigger reconcile');
  });

  it('is none while its answer may still be on the way', async () => {
    const scene = await openScene();
    await abandon(scene);
    const result = await audit(scene);
    expect(result.findings).toEqual([]);
    expect(result.in_flight).not.toEqual([]);
  });

  it('is a fault although the exchange knows nothing of it', async () => {
    const scene = await openScene();
    await scene.decideUntilOrder();
    scene.pass(3_000);
    await pastTheGuards(scene, sql`UPDATE orders SET created_at = created_at - interval '16 s'`);
    expect(checks(await audit(scene))).toEqual(['order state']);
  });

  it('is given time to be settled first', async () => {
    const scene = await openScene();
    const identifier = await abandon(scene);
    await sentLongAgo.execute(scene.db);
    const auditing = audit(scene, {}, 30_000);
    await pollOnce(scene.deps, identifier);
    expect(await auditing).toMatchObject({ findings: [], in_flight: [], fills_in_ledger: expect.any(Number) });
  });
});

describe('an order the ledger lost sight of that the exchange has', () => {
  async function lose(scene: TradingScene): Promise<string> {
    const { identifier } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'after', new ExchangeUnavailable('reset'));
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow('reset');
    await markUnknown(scene.db, identifier);
    return identifier;
  }

  it('is a fault that says that the next reconcile run settles it', async () => {
    const scene = await openScene();
    const identifier = await lose(scene);

    const result = await audit(scene);

    expect(checks(result)).toContain('order state');
    expect(detailOf(result, 'order state')[0]).toMatch(
      new RegExp(`^${identifier} is "unknown" .* the next reconcile run settles it`),
    );
  });

  it('is none once that run has come, which is waited for', async () => {
    const scene = await openScene();
    await lose(scene);
    const auditing = audit(scene, {}, 30_000);
    await settleOrders(scene.deps, TRADED.account);
    expect(await auditing).toMatchObject({ findings: [], in_flight: [] });
  });
});
