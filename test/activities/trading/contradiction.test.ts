import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { compareAccount } from '../../../activities/trading/compare-account.ts';
import type { TradingDependencies } from '../../../activities/trading/dependencies.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { insertDecision } from '../../../db/decisions.ts';
import { ensureMarketAccounts } from '../../../db/first-start.ts';
import { readForeignOrders } from '../../../db/foreign-orders.ts';
import { insertIntendedOrder, requireOrder } from '../../../db/orders.ts';
import { orderIdentifier } from '../../../strategy/order-identifier.ts';
import { ETH } from '../../support/ledger.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market } = TRADED;

/**
 * An order the exchange has executed whole, open in the ledger, and an exchange that shows it under another id than the
 * one it was accepted under.
 */
async function contradict(scene: TradingScene) {
  const { identifier } = await scene.decideUntilOrder();
  await placeOrder(scene.deps, identifier);
  const fetchOrder: TradingScene['exchange']['fetchOrder'] = async (asked) => {
    const another = 'exchangeOrderId' in asked && asked.exchangeOrderId === 'another one';
    const order = await scene.exchange.fetchOrder(another ? { identifier } : asked);
    return order?.identifier === identifier ? { ...order, exchangeOrderId: 'another one' } : order;
  };
  return { identifier, deps: { ...scene.deps, exchange: { ...scene.deps.exchange, fetchOrder } } };
}

/** An order of another market, decided and never sent: it is to expire. */
async function decideElsewhere(scene: TradingScene): Promise<string> {
  await ensureMarketAccounts(scene.db, account, [market, ETH], '100000');
  await sql`UPDATE market_accounts SET cash = 100000 WHERE market = ${ETH}`.execute(scene.db);
  const candle = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000;
  const identifier = orderIdentifier({ botId: scene.deps.botId, market: ETH, candle, leg: 'manual' });
  await scene.db.transaction().execute(async (trx) => {
    const key = { account, market: ETH, timeframe: '1m', candle, trigger: 'manual' } as const;
    const { decision } = await insertDecision(trx, { ...key, action: 'buy', reason: 'asked for', vote: null });
    await insertIntendedOrder(trx, {
      ...{ account, identifier, market: ETH, leg: 'manual', side: 'bid', price: '1000', quantity: '1' },
      ...{ feeRate: '0.0005', request: {}, deadline: candle + 1_000, decision: decision.id },
    });
  });
  return identifier;
}

const compare = (deps: TradingDependencies) => compareAccount(deps, { account, force: true });

describe('an order on its way that contradicts the ledger', () => {
  it('keeps no other from being settled, and is told of with why, at every run', async () => {
    const scene = await openTradingScene('4000000');
    const { identifier, deps } = await contradict(scene);
    const other = await decideElsewhere(scene);
    scene.pass(1_000);

    const [contradicted, expired] = await settleOrders(deps, account);

    expect(contradicted).toMatchObject({
      ...{ identifier, status: 'open', final: false, overdue: true },
      contradiction: expect.stringMatching(/at the exchange and cannot be another one too$/),
    });
    expect(expired).toMatchObject({ identifier: other, status: 'expired', final: true });
    expect(expired).not.toHaveProperty('contradiction');
    expect(await settleOrders(deps, account)).toEqual([contradicted]);
    expect((await requireOrder(scene.db, identifier)).status).toBe('open');
  });

  it('keeps balances from being judged only until its time is over; what it did is recorded as not booked', async () => {
    const scene = await openTradingScene('4000000');
    await compare(scene.deps);
    const { identifier, deps } = await contradict(scene);
    expect((await compare(deps)).skipped).toBe(`order ${identifier} is on its way`);
    scene.pass(1_000);

    const compared = await compare(deps);

    const there = await scene.exchange.fetchOrder({ identifier });
    expect(compared.skipped).toBeNull();
    expect(compared.lost).toEqual([expect.stringContaining(`${identifier}: the ledger refuses it`)]);
    expect(compared.differences.map(({ cause }) => cause)).toEqual(['fill-not-booked', 'fill-not-booked']);
    expect(compared.outside.BTC).toBe(there?.executedVolume);
    expect(await readForeignOrders(scene.db, { account, limit: 9 })).toMatchObject([{ identifier }]);
    expect(await compare(deps)).toMatchObject({ skipped: null, lost: [], differences: [], found: [] });
  });

  it('is seen although no list of the exchange shows it any more', async () => {
    const scene = await openTradingScene('4000000');
    const { identifier, deps } = await contradict(scene);
    const lists = { fetchOpenOrders: async () => [], fetchClosedOrders: async () => [] };
    scene.pass(1_000);

    const compared = await compare({ ...deps, exchange: { ...deps.exchange, ...lists } });

    expect(compared).toMatchObject({ skipped: null, lost: [expect.stringContaining(identifier)] });
  });

  it('is booked when it contradicts the ledger no more, and what was recorded of it is taken back', async () => {
    const scene = await openTradingScene('4000000');
    await compare(scene.deps);
    const { identifier, deps } = await contradict(scene);
    scene.pass(1_000);
    await compare(deps);

    expect(await settleOrders(scene.deps, account)).toMatchObject([{ identifier, final: true, executed: true }]);

    const compared = await compare(scene.deps);
    expect(compared.differences.map(({ cause }) => cause)).toEqual(['fill-not-booked', 'fill-not-booked']);
    expect(compared.outside).toEqual({ KRW: '6000000', BTC: '0' });
  });
});
