import { Decimal } from 'decimal.js';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { compareAccount } from '../../../activities/trading/compare-account.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { auditAccount } from '../../../cli/audit/audit.ts';
import { insertDecision } from '../../../db/decisions.ts';
import { rebuildLedger } from '../../../db/ledger-rebuild.ts';
import { markExpired } from '../../../db/order-outcomes.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { insertIntendedOrder, requireOrder } from '../../../db/orders.ts';
import { ExchangeUnavailable } from '../../../exchange/errors.ts';
import { orderIdentifier } from '../../../strategy/order-identifier.ts';
import { markUnknown } from '../../support/order-outcomes.ts';
import { openTradingScene, quickToCompare, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market } = TRADED;
const twice = (amount: string) => new Decimal(amount).times(2).toFixed();
const settle = (scene: TradingScene) => settleOrders(scene.deps, account);
const compare = (scene: TradingScene, force = true) => compareAccount(quickToCompare(scene.deps), { account, force });
const statusOf = async (scene: TradingScene, identifier: string) => (await requireOrder(scene.db, identifier)).status;

/** An order that may have been sent and was not found, its deadline over. */
async function lose(scene: TradingScene, as: 'unknown' | 'expired'): Promise<string> {
  const { identifier } = await scene.decideUntilOrder();
  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  await markUnknown(scene.db, identifier);
  if (as === 'expired') await markExpired(scene.db, identifier, 'not found for a day');
  scene.pass(1_000);
  return identifier;
}

/** The order reaches the exchange after all. Far below the market it rests, else it fills at once. */
async function turnsUp(scene: TradingScene, identifier: string, { rests = false } = {}): Promise<void> {
  const { price, quantity } = await requireOrder(scene.db, identifier);
  const there = { market, identifier, type: 'limit', side: 'bid', volume: quantity } as const;
  await scene.exchange.createOrder({ ...there, price: rests ? String(Number(price) - 10_000_000) : price });
}

/** An order the owner asked for: the lost one does not keep it waiting. */
async function occupyMarket(scene: TradingScene): Promise<string> {
  const candle = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000;
  const identifier = orderIdentifier({ botId: scene.deps.botId, market, candle, leg: 'manual' });
  await scene.db.transaction().execute(async (trx) => {
    const key = { account, market, timeframe: '1m', candle, trigger: 'manual' } as const;
    const { decision } = await insertDecision(trx, { ...key, action: 'buy', reason: 'asked for', vote: null });
    await insertIntendedOrder(trx, {
      ...{ account, identifier, market, leg: 'manual', side: 'bid', price: '1000', quantity: '1', feeRate: '0.0005' },
      ...{ request: {}, deadline: candle + 120_000, decision: decision.id },
    });
  });
  return identifier;
}

/** Room for a second order: of what is there the first takes all but a little. */
async function leaveSomeCash(scene: TradingScene): Promise<void> {
  await sql`UPDATE market_accounts SET cash = cash + 5000`.execute(scene.db);
  await sql`
    INSERT INTO cash_flows (account, market, kind, cash, note) VALUES (${account}, ${market}, 'allocate', 5000, 'test')
  `.execute(scene.db);
}

async function expectBooked(scene: TradingScene, identifier: string): Promise<void> {
  await sql`INSERT INTO settings (key, value) VALUES ('bot_id', 'testbot1') ON CONFLICT DO NOTHING`.execute(scene.db);
  const there = await scene.exchange.fetchOrder({ identifier });
  expect((await requireOrder(scene.db, identifier)).executed_quantity).toBe(there?.executedVolume);
  expect(Number(there?.executedVolume)).toBeGreaterThan(0);
  expect(await rebuildLedger(scene.db, account)).toEqual([]);
  const { exchange, db } = scene;
  expect((await auditAccount({ exchange, db, account, openingKrw: '10000000' })).findings).toEqual([]);
}

describe('an unknown order that turns up while another one of its market is on its way', () => {
  it('is cancelled at the exchange at once, and recorded by the next look once the market is free', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'unknown');
    await leaveSomeCash(scene);
    const other = await occupyMarket(scene);
    await turnsUp(scene, identifier, { rests: true });

    const first = await settle(scene);

    expect((await scene.exchange.fetchOrder({ identifier }))?.state).toBe('cancel');
    expect(first.map(({ status, overdue }) => [status, overdue])).toEqual([
      ['intended', false],
      ['unknown', true],
    ]);
    scene.pass(2_000);
    // The other one has expired by now, and is looked at first.
    const second = await settle(scene);
    expect(second.map((order) => [order.identifier, order.status])).toEqual([
      [other, 'expired'],
      [identifier, 'canceled'],
    ]);
  });

  it('has what it filled booked by the next look once the market is free', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'unknown');
    await leaveSomeCash(scene);
    await occupyMarket(scene);
    await turnsUp(scene, identifier);

    expect((await settle(scene)).at(-1)).toMatchObject({ identifier, status: 'unknown', final: false });
    scene.pass(2_000);
    expect((await settle(scene)).at(-1)).toMatchObject({ identifier, final: true });
    await expectBooked(scene, identifier);
  });
});

describe('an order given up although it may have been sent', () => {
  it('that appears at the exchange later is found there, booked, and no difference is left', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'expired');
    await compare(scene);
    await turnsUp(scene, identifier);

    const compared = await compare(scene);

    expect(compared).toMatchObject({ skipped: null, found: [{ identifier, final: true }], lost: [], differences: [] });
    expect(compared.found).toHaveLength(1);
    await expectBooked(scene, identifier);
  });

  it('that rests there is cancelled', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'expired');
    await turnsUp(scene, identifier, { rests: true });

    expect((await compare(scene)).found).toMatchObject([{ identifier, status: 'canceled' }]);
    expect((await scene.exchange.fetchOrder({ identifier }))?.state).toBe('cancel');
  });

  it('is asked for by its name too, where no list shows it any more', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'expired');
    await turnsUp(scene, identifier);
    const lists = { fetchOpenOrders: async () => [], fetchClosedOrders: async () => [] };
    const deps = { ...scene.deps, exchange: { ...scene.deps.exchange, ...lists } };

    expect((await compareAccount(deps, { account, force: true })).found).toMatchObject([{ identifier, final: true }]);
    await expectBooked(scene, identifier);
  });

  it('has its turn however many others were given up after it', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'expired');
    for (let others = 0; others < 11; others += 1) {
      const other = await occupyMarket(scene);
      await beginSending(scene.db, other, scene.deps.clock.now() ?? 0);
      await markUnknown(scene.db, other);
      await markExpired(scene.db, other, 'not found for a day');
      scene.pass(1_000);
    }
    await turnsUp(scene, identifier);
    const lists = { fetchOpenOrders: async () => [], fetchClosedOrders: async () => [] };
    const deps = { ...scene.deps, exchange: { ...scene.deps.exchange, ...lists } };

    const looks = [];
    for (let look = 0; look < 2; look += 1) looks.push(await compareAccount(deps, { account, force: true }));

    expect(looks.flatMap(({ found }) => found)).toMatchObject([{ identifier, final: true }]);
    await expectBooked(scene, identifier);
  });

  it('that the ledger refuses, found by its name, keeps nothing else from being compared', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'expired');
    await turnsUp(scene, identifier);
    const fetchOrder: TradingScene['exchange']['fetchOrder'] = async (reference) => {
      const order = await scene.exchange.fetchOrder(reference);
      if (order === undefined) return undefined;
      const again = order.fills.map((fill) => ({ ...fill, exchangeTradeId: `${fill.exchangeTradeId}-again` }));
      // Twice what was ordered.
      return { ...order, executedVolume: twice(order.executedVolume), fills: [...order.fills, ...again] };
    };
    const lists = { fetchOpenOrders: async () => [], fetchClosedOrders: async () => [], fetchOrder };
    const deps = { ...scene.deps, exchange: { ...scene.deps.exchange, ...lists } };

    const { lost } = await compareAccount(deps, { account, force: true });

    expect(lost).toEqual([expect.stringContaining(`${identifier}: the ledger refuses it`)]);
  });

  it('that was never sent is not asked for', async () => {
    const scene = await openTradingScene('4000000');
    await scene.decideUntilOrder();
    scene.pass(1_000);
    await settle(scene);

    await compare(scene);

    expect(scene.calls('fetchOrder')).toBe(0);
  });

  it('that turns up while its market is busy is cancelled, and booked by the first run that finds it free', async () => {
    const scene = await openTradingScene('4000000');
    const identifier = await lose(scene, 'expired');
    const other = await occupyMarket(scene);
    await turnsUp(scene, identifier);

    const busy = await compare(scene, false);

    expect(busy.skipped).toBe(`order ${other} is on its way`);
    expect(await statusOf(scene, identifier)).toBe('expired');
    scene.pass(2_000);
    await settle(scene);
    // Not finished a moment ago, so it is due at once.
    expect((await compare(scene, false)).found).toMatchObject([{ identifier, final: true }]);
    await expectBooked(scene, identifier);
  });
});

it('an order that cannot be settled now keeps no other from being settled, and is told of', async () => {
  const scene = await openTradingScene('4000000');
  await lose(scene, 'unknown');
  await leaveSomeCash(scene);
  const other = await occupyMarket(scene);
  scene.pass(2_000);
  // The one in flight is never asked for; the lost one is.
  scene.breakNext('fetchOrder', 'before', new ExchangeUnavailable('down'));

  await expect(settle(scene)).rejects.toThrow('down');

  expect(await statusOf(scene, other)).toBe('expired');
});
