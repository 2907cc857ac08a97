import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { compareAccount } from '../../../activities/trading/compare-account.ts';
import type { TradingDependencies } from '../../../activities/trading/dependencies.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { readAccountDifferences, readUnansweredDifferences } from '../../../db/account-differences.ts';
import { keepFirstSetting } from '../../../db/bot-settings.ts';
import { insertDecision } from '../../../db/decisions.ts';
import { ensureMarketAccounts } from '../../../db/first-start.ts';
import { readForeignOrders, readLostOrders } from '../../../db/foreign-orders.ts';
import { insertIntendedOrder, requireOrder } from '../../../db/orders.ts';
import type { ExchangeOrder } from '../../../exchange/port.ts';
import { Exact } from '../../../strategy/exact-decimal.ts';
import { orderIdentifier } from '../../../strategy/order-identifier.ts';
import { ETH } from '../../support/ledger.ts';
import { openTradingScene, quickToCompare, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market } = TRADED;

/**
 * An order the exchange has executed whole, open in the ledger, and an exchange that shows it under another id than the
 * one it was accepted under.
 */
async function contradict(scene: TradingScene) {
  const { identifier } = await scene.decideUntilOrder();
  await placeOrder(scene.deps, identifier);
  const fetchOrder: TradingScene['exchange']['fetchOrder'] = async (asked) => {
    const another = 'exchangeOrderId' in asked && asked.exchangeOrderId === 'another-one';
    const order = await scene.exchange.fetchOrder(another ? { identifier } : asked);
    return order?.identifier === identifier ? { ...order, exchangeOrderId: 'another-one' } : order;
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

/** The exchange, its orders shown otherwise than they are. */
function withOrders(scene: TradingScene, shown: (order: ExchangeOrder) => ExchangeOrder): TradingDependencies {
  const { exchange } = scene;
  return {
    ...scene.deps,
    exchange: {
      ...exchange,
      fetchClosedOrders: async (created) => (await exchange.fetchClosedOrders(created)).map(shown),
      fetchOrder: async (asked) => {
        const order = await exchange.fetchOrder(asked);
        return order === undefined ? undefined : shown(order);
      },
    },
  };
}

function twiceExecuted({ executedVolume, fills }: ExchangeOrder) {
  const again = fills.map((fill) => ({ ...fill, exchangeTradeId: `${fill.exchangeTradeId}-again` }));
  return { executedVolume: new Exact(executedVolume).times(2).toFixed(), fills: [...fills, ...again] };
}

const aMinutePasses = (scene: TradingScene) =>
  sql`UPDATE order_look_ups SET unclear_since = unclear_since - interval '1 minute'`.execute(scene.db);

/** What `durabit status` finds wrong. */
async function told({ db }: TradingScene) {
  await keepFirstSetting(db, 'bot_id', 'testbot1');
  const lost = await readLostOrders(db, account, 9);
  const unanswered = await readUnansweredDifferences(db, account, { since: new Date(0), limit: 99 });
  return {
    lost: lost.map((row) => row.identifier),
    differences: unanswered.filter(({ cause }) => cause !== 'opening').map(({ cause }) => cause),
  };
}

async function sumOfDifferences({ db }: TradingScene) {
  const rows = await readAccountDifferences(db, account, 99);
  const sums: Record<string, string> = {};
  for (const { currency, amount } of rows) sums[currency] = new Exact(sums[currency] ?? 0).plus(amount).toFixed();
  return sums;
}

const compare = (deps: TradingDependencies) => compareAccount(quickToCompare(deps), { account, force: true });

describe('an order on its way that contradicts the ledger', () => {
  it('keeps no other from being settled, and is told of with why, at every run', async () => {
    const scene = await openTradingScene('4000000');
    const { identifier, deps } = await contradict(scene);
    const other = await decideElsewhere(scene);
    scene.pass(1_000);

    const [contradicted, expired] = await settleOrders(deps, account);

    expect(contradicted).toMatchObject({
      ...{ identifier, status: 'open', final: false, overdue: true },
      contradiction: expect.stringMatching(/at the exchange and cannot be another-one too$/),
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

    // That there is no other order is believed when none is found for a minute.
    expect((await compare(scene.deps)).skipped).toContain('the next one goes on');
    await aMinutePasses(scene);
    const compared = await compare(scene.deps);
    expect(compared.differences.map(({ cause }) => cause)).toEqual(['fill-not-booked', 'fill-not-booked']);
    expect(compared.outside).toEqual({ KRW: '6000000', BTC: '0' });
    expect(await told(scene)).toEqual({ lost: [], differences: [] });
    expect(await readForeignOrders(scene.db, { account, limit: 9 })).toMatchObject([
      { exchange_order_id: 'another-one', state: 'not-found', executed_quantity: '0', classified_as: null },
    ]);
    expect(await compare(scene.deps)).toMatchObject({ skipped: null, lost: [], differences: [], found: [] });
  });

  it('with a wrong quantity is put right by its end, and told of again when it contradicts again', async () => {
    const scene = await openTradingScene('4000000');
    await compare(scene.deps);
    const { identifier } = await scene.decideUntilOrder();
    await placeOrder(scene.deps, identifier);
    const deps = withOrders(scene, (order) =>
      order.identifier === identifier ? { ...order, ...twiceExecuted(order) } : order,
    );
    scene.pass(1_000);
    await settleOrders(deps, account);
    expect((await compare(deps)).lost).toHaveLength(1);
    expect((await told(scene)).lost).toEqual([identifier]);

    await settleOrders(scene.deps, account);
    const compared = await compare(scene.deps);

    const there = await scene.exchange.fetchOrder({ identifier });
    expect(compared).toMatchObject({ skipped: null, lost: [], outside: { KRW: '6000000', BTC: '0' } });
    expect(await told(scene)).toMatchObject({ lost: [] });
    expect(await sumOfDifferences(scene)).toEqual({ BTC: '0', KRW: '10000000' });
    const rows = await readForeignOrders(scene.db, { account, limit: 9 });
    expect(rows).toMatchObject([{ executed_quantity: there?.executedVolume, paid_fee: there?.paidFee }]);

    expect((await compare(deps)).lost).toEqual([expect.stringContaining(identifier)]);
    expect((await told(scene)).lost).toEqual([identifier]);
  });

  it('is none where a second look shows nothing wrong, nor before its time is over', async () => {
    const scene = await openTradingScene('4000000');
    const { identifier, deps } = await contradict(scene);
    const [early] = await settleOrders(deps, account);
    expect(early).toMatchObject({ identifier, status: 'open', final: false, overdue: false });
    expect(early).not.toHaveProperty('contradiction');

    scene.pass(1_000);
    scene.answerNext('fetchOrder', await deps.exchange.fetchOrder({ identifier }));
    const [settled] = await settleOrders(scene.deps, account);
    expect(settled).toMatchObject({ identifier, status: 'filled', final: true, overdue: true });
    expect(settled).not.toHaveProperty('contradiction');
  });
});

it('a second order under the identifier of a booked one stays wrong, and what it moved is told to the last decimal', async () => {
  const scene = await openTradingScene('4000000');
  await compare(scene.deps);
  const { identifier } = await scene.decideUntilOrder();
  await placeOrder(scene.deps, identifier);
  await settleOrders(scene.deps, account);
  const first = await scene.exchange.fetchOrder({ identifier });
  const { price = '0', executedVolume: volume = '0' } = first ?? {};
  const byHand = { market, identifier: 'by-hand', type: 'limit', side: 'bid', price, volume } as const;
  const { exchangeOrderId } = await scene.exchange.createOrder(byHand);
  const deps = withOrders(scene, (order) =>
    order.exchangeOrderId === exchangeOrderId ? { ...order, identifier } : order,
  );
  scene.pass(1_000);

  const compared = await compare(deps);

  const second = await scene.exchange.fetchOrder({ exchangeOrderId });
  expect(second?.executedVolume).toBe(volume);
  expect(compared.lost).toEqual([expect.stringContaining(`${identifier}: the ledger refuses it`)]);
  expect(compared.differences.map(({ cause }) => cause)).toEqual(['fill-not-booked', 'fill-not-booked']);
  expect(compared.differences.map(({ currency, amount }) => [currency, amount])).toContainEqual(['BTC', volume]);
  for (let looks = 0; looks < 3; looks += 1) {
    await aMinutePasses(scene);
    expect(await compare(deps)).toMatchObject({ skipped: null, lost: [], differences: [] });
    expect((await told(scene)).lost).toEqual([identifier]);
  }
  expect((await told(scene)).differences).toHaveLength(2);
});
