import { Decimal } from 'decimal.js';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type AccountCompared, compareAccount } from '../../../activities/trading/compare-account.ts';
import type { TradingDependencies } from '../../../activities/trading/dependencies.ts';
import { pollOnce } from '../../../activities/trading/order-fills.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { readComparisonProgress, readLastComparison } from '../../../db/account-comparisons.ts';
import { readAccountDifferences } from '../../../db/account-differences.ts';
import { adjust, adopt, allocate } from '../../../db/cash-flows.ts';
import { readForeignOrders, recordForeignOrder } from '../../../db/foreign-orders.ts';
import { beginSending } from '../../../db/order-sending.ts';
import type { ExchangeOrder, OrderRequest } from '../../../exchange/port.ts';
import { markUnknown, recordRejected } from '../../support/order-outcomes.ts';
import { openTradingScene, quickToCompare, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market } = TRADED;

function compare(scene: TradingScene, exchange: Partial<TradingDependencies['exchange']> = {}) {
  const deps = { ...quickToCompare(scene.deps), exchange: { ...scene.deps.exchange, ...exchange } };
  return compareAccount(deps, { account, force: true });
}

/** The account as the exchange would show it after `changes` came (or went) otherwise than by orders. */
function withDeposits(scene: TradingScene, changes: Readonly<Record<string, string>>) {
  const fetchBalances: TradingScene['exchange']['fetchBalances'] = async () => {
    const balances = new Map((await scene.exchange.fetchBalances()).map((balance) => [balance.currency, balance]));
    for (const [currency, change] of Object.entries(changes)) {
      const held = balances.get(currency) ?? { currency, free: '0', locked: '0', averageBuyPrice: '0' };
      balances.set(currency, { ...held, free: new Decimal(held.free).plus(change).toFixed() });
    }
    return [...balances.values()];
  };
  return { fetchBalances };
}

/** A second client with the same keys: the owner, at the exchange itself. */
function byHand(scene: TradingScene, changes: Partial<OrderRequest> = {}): Promise<ExchangeOrder> {
  const request = { market, identifier: 'by-hand', type: 'market', side: 'bid', spendKrw: '100000', ...changes };
  return scene.exchange.createOrder(request as OrderRequest);
}

/** An order of the bot, placed, filled and booked. */
async function trade(scene: TradingScene): Promise<string> {
  const { identifier } = await scene.decideUntilOrder();
  await placeOrder(scene.deps, identifier);
  await pollOnce(scene.deps, identifier);
  return identifier;
}

/** An order that the ledger was told the exchange had refused. */
async function rejectedOrder(scene: TradingScene): Promise<string> {
  const { identifier } = await scene.decideUntilOrder();
  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  await recordRejected(scene.db, identifier, 'insufficient_funds_bid');
  return identifier;
}

async function rows(scene: TradingScene): Promise<readonly string[]> {
  const found = await readAccountDifferences(scene.db, account, 100);
  return found.map(({ currency, amount, cause }) => `${amount} ${currency} ${cause}`).reverse();
}

const changes = ({ differences }: AccountCompared) =>
  differences.map(({ currency, amount, cause }) => `${amount} ${currency} ${cause}`);

/** Compared for the first time; what comes later is a change. */
async function openCompared(cash = '4000000'): Promise<TradingScene> {
  const scene = await openTradingScene(cash);
  await compare(scene);
  return scene;
}

describe('the first comparison', () => {
  it('records what the account holds as its opening, the bot’s part named', async () => {
    const scene = await openTradingScene('4000000');

    const compared = await compare(scene);

    expect(compared).toMatchObject({ skipped: null, foreign: [], lost: [], outside: { KRW: '6000000', BTC: '0' } });
    expect(await rows(scene)).toEqual(['10000000 KRW opening', '0 BTC opening']);
    expect(compared.differences[0]?.detail).toContain('4000000 of it was given to the bot');
  });

  it('leaves out what the bot traded before it', async () => {
    const scene = await openTradingScene('4000000');
    await trade(scene);

    await compare(scene);

    expect(await rows(scene)).toEqual(['10000000 KRW opening', '0 BTC opening']);
  });

  it('is what `readLastComparison` tells of, with market time', async () => {
    const scene = await openTradingScene();
    expect(await readLastComparison(scene.db, account)).toBeUndefined();
    await compare(scene);
    expect(await readLastComparison(scene.db, account)).toMatchObject({
      market_time: new Date(scene.deps.clock.now() ?? 0),
      outside: { KRW: '0', BTC: '0' },
    });
  });
});

it('comparing takes a clock that gives fractions of a millisecond', async () => {
  const scene = await openTradingScene();
  const clock = { ...scene.deps.clock, now: () => (scene.deps.clock.now() ?? 0) + 0.37 };
  const compared = await compareAccount({ ...scene.deps, clock }, { account, force: true });
  expect(compared.skipped).toBeNull();
});

describe('nothing is recorded', () => {
  it('however the bot trades, whatever its owner gives it, takes back, adopts or adjusts', async () => {
    const scene = await openCompared();
    const before = await rows(scene);
    for (let orders = 0; orders < 3; orders += 1) {
      await trade(scene);
      expect(changes(await compare(scene))).toEqual([]);
      scene.pass(1_000);
    }
    const flow = { account, market, note: 'test' };
    await allocate(scene.db, { ...flow, cash: '1000000' });
    await allocate(scene.db, { ...flow, cash: '-500000.5' });
    await adopt(scene.db, { ...flow, quantity: '0.5', cost: '100' });
    await adjust(scene.db, { ...flow, quantity: '-0.1' });

    expect(changes(await compare(scene))).toEqual([]);
    expect(await rows(scene)).toEqual(before);
  });

  it('a second time for the same rest, nor when several compare at once', async () => {
    const scene = await openCompared();
    const deposited = withDeposits(scene, { KRW: '50000' });
    await Promise.all([compare(scene, deposited), compare(scene, deposited), compare(scene, deposited)]);
    await compare(scene, deposited);
    expect((await rows(scene)).slice(2)).toEqual(['50000 KRW deposit-or-withdrawal']);
  });
});

describe('a change that no order explains', () => {
  it('is recorded each time it changes, by how much it changed', async () => {
    const scene = await openCompared();
    for (const KRW of ['50000', '30000', '30000', '0']) await compare(scene, withDeposits(scene, { KRW }));
    expect((await rows(scene)).slice(2)).toEqual([
      '50000 KRW deposit-or-withdrawal',
      '-20000 KRW deposit-or-withdrawal',
      '-30000 KRW deposit-or-withdrawal',
    ]);
  });

  it('that takes what the ledger owns shows as a shortage', async () => {
    const scene = await openCompared('10000000');
    expect((await compare(scene, withDeposits(scene, { KRW: '-1000' }))).outside).toEqual({ KRW: '-1000', BTC: '0' });
  });

  it('is laid at the door of an order that may have been sent', async () => {
    const scene = await openCompared();
    const { identifier } = await scene.decideUntilOrder();
    await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
    await markUnknown(scene.db, identifier);

    const { differences } = await compare(scene, withDeposits(scene, { KRW: '-1000000' }));

    expect(differences).toMatchObject([{ cause: 'unknown', detail: expect.stringContaining(identifier) }]);
  });
});

describe('an order placed by hand', () => {
  it('is recorded with what it moved, to the last decimal place, and explains it', async () => {
    const scene = await openCompared();
    await trade(scene);
    const { exchangeOrderId } = await byHand(scene);

    const compared = await compare(scene);

    const there = await scene.exchange.fetchOrder({ exchangeOrderId });
    const funds = there?.fills.reduce((sum, fill) => sum.plus(fill.funds), new Decimal(0));
    const paid = funds
      ?.plus(there?.paidFee ?? '0')
      .negated()
      .toFixed();
    expect(compared.foreign).toEqual([exchangeOrderId]);
    expect(changes(compared).sort()).toEqual(
      [`${paid} KRW hand-trade`, `${there?.executedVolume} BTC hand-trade`].sort(),
    );
    expect(compared.differences[0]?.detail).toContain(exchangeOrderId);
    expect(await readForeignOrders(scene.db, { account, limit: 100 })).toMatchObject([
      { exchange_order_id: exchangeOrderId, identifier: 'by-hand', executed_funds: funds?.toFixed(), note: null },
    ]);
    expect(compared.outside.BTC).toBe(there?.executedVolume);
  });

  it('and sold again is two orders, and a deposit beside them is told apart', async () => {
    const scene = await openCompared();
    const bought = await byHand(scene);
    const volume = (await scene.exchange.fetchOrder(bought))?.executedVolume ?? '';
    const sale = { identifier: 'sold', side: 'ask', volume, spendKrw: undefined } as unknown as Partial<OrderRequest>;
    await byHand(scene, sale);

    const compared = await compare(scene, withDeposits(scene, { KRW: '7' }));

    expect(compared.foreign).toHaveLength(2);
    expect(changes(compared).filter((change) => !change.endsWith('hand-trade'))).toEqual([
      '7 KRW deposit-or-withdrawal',
    ]);
    expect(compared.outside.BTC).toBe('0');
  });

  it('that rests is recorded, and what becomes of it later, however old it is then', async () => {
    const scene = await openCompared();
    const resting = await byHand(scene, { type: 'limit', price: '1000000', volume: '1' } as Partial<OrderRequest>);

    const seen = await compare(scene);
    expect([seen.foreign, changes(seen)]).toEqual([[resting.exchangeOrderId], []]);

    // Half an hour of market time: no list of lately created orders names it any more.
    scene.pass(30_000);
    await compare(scene);
    await scene.exchange.cancelOrder(resting);
    const ended = await compare(scene);

    expect([ended.foreign, changes(ended)]).toEqual([[], []]);
    expect(await readForeignOrders(scene.db, { account, limit: 100 })).toMatchObject([
      { state: 'cancel', executed_quantity: '0' },
    ]);
  });

  it('before comparing began belongs to the opening', async () => {
    const scene = await openTradingScene('4000000');
    await byHand(scene);
    scene.pass(60_000);

    const compared = await compare(scene);

    expect(compared.foreign).toEqual([]);
    expect(compared.differences.map(({ cause }) => cause)).toEqual(['opening', 'opening']);
  });

  it('is recorded once, also by several comparisons at once and by one that was cut off', async () => {
    const scene = await openCompared();
    await byHand(scene);
    scene.breakNext('fetchBalances', 'before', new Error('cut off'));
    await expect(compare(scene)).rejects.toThrow('cut off');
    await Promise.all([compare(scene), compare(scene)]);

    expect(await readForeignOrders(scene.db, { account, limit: 100 })).toHaveLength(1);
    expect((await rows(scene)).filter((row) => row.endsWith('hand-trade'))).toHaveLength(2);
  });
});

describe('an order under this bot’s id that the ledger lacks', () => {
  it('is recorded and named, with what it moved', async () => {
    const scene = await openCompared();
    const identifier = 'testbot1-KRW-BTC-t00000-entry';
    const { exchangeOrderId } = await byHand(scene, { identifier });

    const compared = await compare(scene);

    expect(compared.lost).toEqual([`${identifier}: it bears the id of this bot, and the ledger has no such order`]);
    expect(compared.differences.map(({ cause }) => cause)).toEqual(['order-not-in-ledger', 'order-not-in-ledger']);
    expect(await readForeignOrders(scene.db, { account, limit: 100 })).toMatchObject([
      { exchange_order_id: exchangeOrderId, note: expect.stringContaining('the ledger has no such order') },
    ]);
    expect((await compare(scene)).lost).toEqual([]);
  });

  it('or calls rejected is recorded as not booked, with what it moved', async () => {
    const scene = await openCompared();
    const identifier = await rejectedOrder(scene);
    await byHand(scene, { identifier });

    const compared = await compare(scene);

    expect(compared.lost[0]).toContain('the ledger refuses it');
    expect(compared.differences.map(({ cause }) => cause)).toEqual(['fill-not-booked', 'fill-not-booked']);
  });

  it('or calls rejected does not trade on', async () => {
    const scene = await openCompared();
    const identifier = await rejectedOrder(scene);
    const low = { identifier, type: 'limit', price: '1000000', volume: '1' } as Partial<OrderRequest>;
    const { exchangeOrderId } = await byHand(scene, low);

    await compare(scene);

    expect((await scene.exchange.fetchOrder({ exchangeOrderId }))?.state).toBe('cancel');
  });
});

describe('balances are not judged', () => {
  it('while an order is on its way, but orders are looked at', async () => {
    const scene = await openCompared();
    const { identifier } = await scene.decideUntilOrder();
    const { exchangeOrderId } = await byHand(scene, { spendKrw: '6000' } as Partial<OrderRequest>);

    const compared = await compare(scene, withDeposits(scene, { KRW: '5' }));

    expect(compared).toMatchObject({ skipped: `order ${identifier} is on its way`, differences: [] });
    expect(compared.foreign).toEqual([exchangeOrderId]);
    expect(await rows(scene)).toHaveLength(2);
  });

  it('when an order was placed and booked during the reading; the next reading is calm', async () => {
    const scene = await openCompared();
    let readings = 0;
    const fetchBalances: TradingScene['exchange']['fetchBalances'] = async () => {
      readings += 1;
      const before = await scene.exchange.fetchBalances();
      if (readings === 1) await trade(scene);
      return before;
    };

    const compared = await compare(scene, { fetchBalances });

    expect([compared.skipped, changes(compared), readings]).toEqual([null, [], 2]);
  });

  it('when two readings do not agree', async () => {
    const scene = await openCompared();
    let readings = 0;
    const fetchBalances = () => withDeposits(scene, { KRW: String(++readings) }).fetchBalances();

    const compared = await compare(scene, { fetchBalances });

    expect(compared.skipped).toBe('the account moved during each of 4 readings');
    expect(await rows(scene)).toHaveLength(2);
  });

  it('a moment after the last time, without a call, unless it is asked for', async () => {
    const scene = await openCompared();
    const made = scene.calls('fetchOpenOrders');

    const compared = await compareAccount(scene.deps, { account, force: false });

    expect(compared.skipped).toBe('compared a moment ago');
    expect(scene.calls('fetchOpenOrders')).toBe(made);
    await sql`UPDATE account_comparisons SET compared_at = compared_at - interval '11 s'`.execute(scene.db);
    expect((await compareAccount(scene.deps, { account, force: false })).skipped).toBeNull();
    expect(scene.calls('fetchOpenOrders')).toBe(made + 1);
  });
});

describe('after a long absence', () => {
  it('a week of orders is read at a time, and balances are judged once all is read', async () => {
    const scene = await openCompared();
    await sql`UPDATE account_comparisons SET orders_until = orders_until - interval '15 days'`.execute(scene.db);
    await byHand(scene);

    const looks = [await compare(scene), await compare(scene), await compare(scene)];

    expect(looks.map(({ skipped }) => skipped === null)).toEqual([false, false, true]);
    expect(looks[2]?.foreign).toHaveLength(1);
    expect(changes(looks[2] as AccountCompared)).toHaveLength(2);
  });

  it('more orders than one look may ask for take several, and no change is mistaken for a deposit', async () => {
    const scene = await openCompared();
    for (let orders = 0; orders < 25; orders += 1) {
      await byHand(scene, { identifier: `by-hand-${orders}`, spendKrw: '6000' } as Partial<OrderRequest>);
      // The exchange takes twelve orders a second.
      scene.pass(100);
    }
    // So long ago that the next look reaches back to them only because the one before was not complete.
    scene.pass(20_000);

    const looks = [await compare(scene), await compare(scene)];

    expect(looks.map(({ foreign }) => foreign.length)).toEqual([20, 5]);
    expect(looks[0]?.skipped).toContain('the next one goes on');
    expect(looks[1]?.differences.every(({ cause }) => cause === 'hand-trade')).toBe(true);
  });
});

it('a comparison held up after reading balances does not take back what another recorded meanwhile', async () => {
  const scene = await openCompared();
  const deposited = withDeposits(scene, { KRW: '100000' });
  let held = false;
  const fetchBalances: TradingScene['exchange']['fetchBalances'] = async () => {
    if (held) return deposited.fetchBalances();
    held = true;
    const before = await scene.exchange.fetchBalances();
    expect(changes(await compare(scene, deposited))).toEqual(['100000 KRW deposit-or-withdrawal']);
    return before;
  };

  const overtaken = await compare(scene, { fetchBalances });

  expect(changes(overtaken)).toEqual([]);
  expect((await rows(scene)).slice(2)).toEqual(['100000 KRW deposit-or-withdrawal']);
  expect((await readLastComparison(scene.db, account))?.outside.KRW).toBe('6100000');
});

describe('how far orders have been looked at', () => {
  const noted = async (scene: TradingScene) => (await readComparisonProgress(scene.db, account)).ordersUntil ?? 0;

  it('is not taken from a clock that ran ahead until its next answer', async () => {
    const scene = await openTradingScene('4000000');
    let ahead = 5 * 60_000;
    const clock = { ...scene.deps.clock, now: () => (scene.deps.clock.now() ?? 0) + ahead };
    const fetchClosedOrders: TradingScene['exchange']['fetchClosedOrders'] = async (created) => {
      const answer = await scene.exchange.fetchClosedOrders(created);
      ahead = 0;
      return answer;
    };
    const exchange = { ...scene.deps.exchange, fetchClosedOrders };

    await compareAccount({ ...scene.deps, clock, exchange }, { account, force: true });

    expect(await noted(scene)).toBe(scene.deps.clock.now());
  });

  it('is put right where it lies ahead, and no order since the last comparison is passed over', async () => {
    const scene = await openCompared();
    const { exchangeOrderId } = await byHand(scene);
    // Half an hour of market time, in which nobody compared.
    scene.pass(30_000);
    await scene.exchange.fetchMinuteCandles(market, { count: 1 });
    await sql`UPDATE account_comparisons SET orders_until = orders_until + interval '1 day'`.execute(scene.db);

    expect((await compare(scene)).foreign).toEqual([exchangeOrderId]);

    expect(await noted(scene)).toBe(scene.deps.clock.now());
  });
});

describe('comparing goes on', () => {
  const aMinuteLater = (scene: TradingScene) =>
    sql`UPDATE order_look_ups SET unclear_since = unclear_since - interval '1 minute'`.execute(scene.db);

  it('past an order by hand whose fills never add up to what it executed', async () => {
    const scene = await openCompared();
    const { exchangeOrderId } = await byHand(scene);
    const fetchOrder: TradingScene['exchange']['fetchOrder'] = async (reference) => {
      const order = await scene.exchange.fetchOrder(reference);
      return order && { ...order, fills: [] };
    };
    expect((await compare(scene, { fetchOrder })).skipped).toContain('the next one goes on');
    await aMinuteLater(scene);

    const compared = await compare(scene, { fetchOrder });

    expect(compared).toMatchObject({ skipped: null, foreign: [exchangeOrderId] });
    expect(compared.differences.map(({ currency, cause }) => `${currency} ${cause}`).sort()).toEqual([
      'BTC hand-trade',
      'KRW hand-trade',
      'KRW unknown',
    ]);
    const [recorded] = await readForeignOrders(scene.db, { account, limit: 100 });
    expect(recorded).toMatchObject({ executed_funds: '0', note: expect.stringContaining('fills of 0 named') });
    expect(await compare(scene, { fetchOrder })).toMatchObject({ skipped: null, differences: [] });
  });

  it('past orders that rested and are not found any more, which keep no other from its turn', async () => {
    const scene = await openCompared();
    const low = { type: 'limit', price: '1000000', volume: '1' } as Partial<OrderRequest>;
    const resting = await byHand(scene, low);
    await compare(scene);
    for (let order = 0; order < 25; order += 1) {
      const figures = { executedQuantity: '0', executedFunds: '0', paidFee: '0' };
      const gone = { exchangeOrderId: `0000-${order}`, identifier: null, market, side: 'bid' as const, state: 'wait' };
      await recordForeignOrder(scene.db, { account, ...gone, ...figures });
    }
    scene.pass(30_000);
    await scene.exchange.cancelOrder(resting);

    const looks = [await compare(scene), await compare(scene)];
    const found = (await readForeignOrders(scene.db, { account, limit: 100 })).find(
      (row) => row.identifier === 'by-hand',
    );
    expect(found?.state).toBe('cancel');
    await aMinuteLater(scene);
    looks.push(await compare(scene), await compare(scene));

    expect(looks.map(({ skipped }) => skipped === null)).toEqual([false, false, false, true]);
    const asked = scene.calls('fetchOrder');
    await compare(scene);
    await compare(scene);
    expect(scene.calls('fetchOrder') - asked).toBeLessThanOrEqual(5);
  });
});
