import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { compareAccount } from '../../../activities/trading/compare-account.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { rebuildLedger } from '../../../db/ledger-rebuild.ts';
import { insertIntendedOrder, requireOrder } from '../../../db/orders.ts';
import { ExchangeUnavailable, OrderRejected } from '../../../exchange/errors.ts';
import type { OrderRequest } from '../../../exchange/port.ts';
import { orderIdentifier } from '../../../strategy/order-identifier.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market } = TRADED;
const compare = ({ deps }: TradingScene) => compareAccount(deps, { account, force: true });
const settle = ({ deps }: TradingScene) => settleOrders(deps, account);
const statusOf = async ({ db }: TradingScene, identifier: string) => (await requireOrder(db, identifier)).status;

/**
 * As after an older backup was put back: the ledger has the order as decided and never sent, the exchange got it and
 * filled it.
 */
async function restore(): Promise<{ readonly scene: TradingScene; readonly identifier: string }> {
  const scene = await openTradingScene('4000000');
  await compare(scene);
  const { identifier } = await scene.decideUntilOrder();
  const { request } = await requireOrder(scene.db, identifier);
  await scene.exchange.createOrder(request as unknown as OrderRequest);
  return { scene, identifier };
}

/** The owner's own order, decided and not sent; its market has no other until its deadline, two candles from now. */
async function occupyMarket(scene: TradingScene): Promise<void> {
  const candle = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000;
  const identifier = orderIdentifier({ botId: scene.deps.botId, market, candle, leg: 'manual' });
  const order = { account, identifier, market, leg: 'manual', side: 'bid', price: '1000', quantity: '1' } as const;
  const rest = { feeRate: '0.0005', request: {}, deadline: candle + 120_000, decision: null };
  await scene.db.transaction().execute((trx) => insertIntendedOrder(trx, { ...order, ...rest }));
}

/** So long that the exchange's lists, read from a little before the last look on, show it no more. */
async function leaveTheLists(scene: TradingScene): Promise<void> {
  scene.pass(12_000);
  await scene.deps.exchange.fetchBalances();
  await compare(scene);
  scene.pass(12_000);
  await scene.deps.exchange.fetchBalances();
}

async function expectBooked(scene: TradingScene, identifier: string): Promise<void> {
  const there = await scene.exchange.fetchOrder({ identifier });
  expect(Number(there?.executedVolume)).toBeGreaterThan(0);
  expect(await requireOrder(scene.db, identifier)).toMatchObject({
    status: 'filled',
    executed_quantity: there?.executedVolume,
  });
  expect(await rebuildLedger(scene.db, account)).toEqual([]);
  const { rows } = await sql`SELECT cause FROM account_differences WHERE cause <> 'opening'`.execute(scene.db);
  expect(rows).toEqual([]);
  expect(scene.calls('createOrder')).toBe(0);
}

describe('an order that a restored ledger has as never sent, and the exchange has filled,', () => {
  it('is booked by the comparison that meets it after it was given up', async () => {
    const { scene, identifier } = await restore();
    scene.pass(1_000);
    await settle(scene);
    expect(await statusOf(scene, identifier)).toBe('expired');

    expect(await compare(scene)).toMatchObject({ skipped: null, found: [{ identifier, final: true }], lost: [] });

    await expectBooked(scene, identifier);
  });

  it('is booked once its market is free, however long that takes', async () => {
    const { scene, identifier } = await restore();
    scene.pass(1_000);
    await settle(scene);
    await occupyMarket(scene);
    expect((await compare(scene)).skipped).toContain('is on its way');
    await leaveTheLists(scene);
    expect(await statusOf(scene, identifier)).toBe('expired');

    await settle(scene);
    await compare(scene);

    await expectBooked(scene, identifier);
  });

  it('is booked also when it was seen before its deadline, and never again in a list', async () => {
    const { scene, identifier } = await restore();
    expect((await compare(scene)).skipped).toBe(`order ${identifier} is on its way`);
    await leaveTheLists(scene);
    expect(await statusOf(scene, identifier)).toBe('intended');

    await settle(scene);
    await compare(scene);

    await expectBooked(scene, identifier);
  });

  it('is booked when its own run goes on, and is not sent a second time', async () => {
    const { scene, identifier } = await restore();

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
    await settle(scene);

    expect(await statusOf(scene, identifier)).toBe('filled');
    // The one request was refused as a duplicate.
    expect(scene.calls('createOrder')).toBe(1);
    const now = Math.floor(scene.deps.clock.now() ?? 0);
    const there = await scene.exchange.fetchClosedOrders({ from: now - 86_400_000, until: now + 1_000 });
    expect(there.map((order) => order.identifier)).toEqual([identifier]);
  });

  it('is booked when its own run goes on and is refused for want of the funds that the first request took', async () => {
    const { scene, identifier } = await restore();
    scene.breakNext('createOrder', 'before', new OrderRejected('insufficient_funds_bid', ''));

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
    await settle(scene);

    expect(await statusOf(scene, identifier)).toBe('filled');
  });

  it('is not written off when it is refused and the exchange does not answer the question whether it is there', async () => {
    const { scene, identifier } = await restore();
    scene.breakNext('createOrder', 'before', new OrderRejected('insufficient_funds_bid', ''));
    scene.breakNext('fetchOrder', 'before', new ExchangeUnavailable('down'));

    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow('down');
    expect(await requireOrder(scene.db, identifier)).toMatchObject({
      ...{ status: 'sending', status_reason: 'insufficient_funds_bid' },
    });

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
    expect(scene.calls('createOrder')).toBe(1);
  });

  it('is not sent at all once a comparison has seen it there', async () => {
    const { scene, identifier } = await restore();
    await compare(scene);

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
    await settle(scene);

    await expectBooked(scene, identifier);
  });
});

it('an order that the ledger lacked and that is decided again is on its way, whatever was recorded of it before', async () => {
  const scene = await openTradingScene('4000000');
  await compare(scene);
  await scene.collect();
  const { rows } = await sql<{ high: string }>`SELECT high FROM candles ORDER BY ts DESC LIMIT 1`.execute(scene.db);
  const candle = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000;
  const identifier = orderIdentifier({ botId: scene.deps.botId, market, candle, leg: 'manual' });
  const price = String(Math.ceil((Number(rows[0]?.high) * 1.01) / 1_000) * 1_000);
  const terms = { market, side: 'bid', price } as const;
  const request = { ...terms, identifier, type: 'limit', volume: '0.001' } as const;
  // The first look comes before it executes.
  scene.answerNext('fetchBalances', await scene.exchange.fetchBalances());
  await scene.exchange.createOrder(request);
  const there = await scene.exchange.fetchOrder({ identifier });
  expect(there).toMatchObject({ state: 'done' });
  scene.answerNext('fetchOpenOrders', [{ ...there, state: 'wait', executedVolume: '0', paidFee: '0', fills: [] }]);
  scene.answerNext('fetchClosedOrders', []);
  expect(await compare(scene)).toMatchObject({ skipped: null, lost: [expect.stringContaining(identifier)] });
  const rest = { leg: 'manual', feeRate: '0.0005', request, deadline: candle + 86_400_000, decision: null } as const;
  const order = { account, identifier, ...terms, quantity: '0.001', ...rest };
  await scene.db.transaction().execute((trx) => insertIntendedOrder(trx, order));

  const early = await compare(scene);

  expect(early).toMatchObject({ differences: [], skipped: `order ${identifier} is on its way` });
  expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
  await settle(scene);
  expect(await compare(scene)).toMatchObject({ skipped: null, lost: [], differences: [] });
  await expectBooked(scene, identifier);
});
