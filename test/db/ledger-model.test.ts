import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { allocate } from '../../db/cash-flows.ts';
import { rebuildLedger } from '../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../db/market-accounts.ts';
import { markExpired, recordAccepted } from '../../db/order-outcomes.ts';
import { beginSending } from '../../db/order-sending.ts';
import { readOrders } from '../../db/orders.ts';
import { type FillReport, recordFills } from '../../db/trades.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import { ORDER_LEGS } from '../../strategy/order-identifier.ts';
import { anAccount, anOrder, BTC, DEADLINE, ETH, IN_TIME, intend, useLedgerDatabase } from '../support/ledger.ts';
import {
  bookFill,
  COIN,
  feeOf,
  finish,
  freeCash,
  fundsOf,
  inFlight,
  isFilled,
  type ModelFill,
  type ModelMarket,
  type ModelOrder,
  needOf,
  refusalOf,
  reopen,
  reservedBy,
  settle,
  sum,
  WON,
} from '../support/ledger-model.ts';
import { markUnknown, recordRejected } from '../support/order-outcomes.ts';

const { db } = await useLedgerDatabase();

const MARKETS = [BTC, ETH];
const won = (amount: bigint) => decimalText(new Exact(amount.toString()).div(WON.toString()));
const coins = (amount: bigint) => decimalText(new Exact(amount.toString()).div(COIN.toString()));

interface World {
  readonly account: string;
  readonly markets: readonly ModelMarket[];
}

/** The steps of a history; `n` decides the details. Where a step finds no order to happen to, nothing happens. */
const STEPS: Record<string, (world: World, market: number, n: number) => Promise<unknown>> = {
  allocate: async ({ account, markets }, index, n) => {
    const market = markets[index] as ModelMarket;
    const amount = BigInt((n % 20_000) - 10_000) * WON;
    const allowed = amount + freeCash(market) >= 0n;
    const done = allocate(db, { account, market: MARKETS[index] as string, cash: won(amount), note: 'test' });
    expect(await nameOfError(done)).toBe(allowed ? undefined : 'InsufficientFree');
    if (allowed) market.cash += amount;
  },
  decide: async ({ account, markets }, index, n) => {
    const market = markets[index] as ModelMarket;
    const leg = ORDER_LEGS[n % ORDER_LEGS.length] as (typeof ORDER_LEGS)[number];
    const side = n % 5 < 3 ? 'bid' : 'ask';
    const price = BigInt(900 + (n % 200));
    const quantity = BigInt((n % 977) + 1) * 1_234_567n;
    const intended = anOrder(account, {
      market: MARKETS[index] as typeof BTC,
      leg,
      side,
      price: price.toString(),
      quantity: coins(quantity),
    });
    const fills = fillsOf(intended.identifier, side, price, quantity, n);
    const extra = n % 3 === 0 ? BigInt((n % 5) - 2) * WON : 0n;
    const order: ModelOrder = {
      identifier: intended.identifier,
      side,
      price,
      quantity,
      fills,
      // In all, a fee is never below zero.
      extraFee: extra + sum(fills.map(feeOf)) < 0n ? 0n : extra,
      status: 'intended',
      reserved: 0n,
      booked: new Set(),
    };
    const refusal = refusalOf(market, order, leg);
    expect(await nameOfError(intend(db, intended))).toBe(refusal);
    if (refusal === undefined) market.orders.push(Object.assign(order, { reserved: needOf(order) }));
  },
  begin: (world, index) =>
    withOrder(world, index, 'intended', async (order) => {
      expect((await beginSending(db, order.identifier, IN_TIME)).kind).toBe('send');
      order.status = 'sending';
    }),
  accept: (world, index) =>
    withOrder(world, index, 'sending', async (order) => {
      await recordAccepted(db, order.identifier, `exchange-${order.identifier}`);
      order.status = 'open';
    }),
  reject: (world, index) =>
    withOrder(world, index, 'sending', async (order) => {
      await recordRejected(db, order.identifier, 'test');
      settle(order, 'rejected');
    }),
  lose: (world, index) =>
    withOrder(world, index, 'sending', async (order) => {
      await markUnknown(db, order.identifier);
      order.status = 'unknown';
    }),
  missDeadline: (world, index) =>
    withOrder(world, index, 'intended', async (order) => {
      await beginSending(db, order.identifier, DEADLINE);
      settle(order, 'expired');
    }),
  giveUp: (world, index) =>
    withOrder(world, index, 'unknown', async (order) => {
      await markExpired(db, order.identifier, 'test');
      settle(order, 'expired');
    }),
  findLate: async (world, index, n) => {
    const market = world.markets[index] as ModelMarket;
    const lost = market.orders.filter((order) => order.status === 'unknown' || order.status === 'expired');
    const order = lost[n % Math.max(1, lost.length)];
    if (order === undefined) return;
    const { kind } = await recordAccepted(db, order.identifier, `exchange-${order.identifier}`);
    expect(kind).toBe(inFlight(market) ? 'market-busy' : 'recorded');
    if (kind === 'recorded') reopen(market, order);
  },
  look: (world, index, n) =>
    withOrder(world, index, 'open', async (order, market) => {
      const seen = order.fills.slice(0, n % (order.fills.length + 1));
      await recordFills(db, order.identifier, report(order, seen, n, false));
      for (const fill of shuffled(seen, n)) bookFill(market, order, fill);
    }),
  end: (world, index, n) =>
    withOrder(world, index, 'open', async (order, market) => {
      const before = order.fills.filter((fill) => !order.booked.has(fill.id)).length;
      const { booked, complete } = await recordFills(db, order.identifier, report(order, order.fills, n, true));
      expect([booked, complete]).toEqual([before, true]);
      for (const fill of shuffled(order.fills, n)) bookFill(market, order, fill);
      finish(market, order);
    }),
  lookAgainAfterTheEnd: async (world, index, n) => {
    const ended = (world.markets[index] as ModelMarket).orders.filter((one) => /filled|canceled/.test(one.status));
    const order = ended[n % Math.max(1, ended.length)];
    if (order === undefined) return;
    const seen = order.fills.slice(0, n % (order.fills.length + 1));
    await recordFills(db, order.identifier, report(order, seen, n, false));
    await recordFills(db, order.identifier, report(order, order.fills, n, true));
  },
};

type Step = keyof typeof STEPS;

/** What may come next: mostly what carries the order in flight on, sometimes what ought to be refused or to do no harm. */
function nextSteps(market: ModelMarket): readonly Step[] {
  const any: Step[] = ['allocate', 'decide', 'findLate', 'giveUp', 'lookAgainAfterTheEnd'];
  switch (inFlight(market)?.status) {
    case 'intended':
      return [...any, 'begin', 'begin', 'begin', 'begin', 'missDeadline'];
    case 'sending':
      return [...any, 'accept', 'accept', 'accept', 'accept', 'reject', 'lose', 'lose'];
    case 'open':
      return [...any, 'look', 'look', 'end', 'end', 'end', 'end'];
    default:
      return [...any, 'decide', 'decide', 'decide', 'decide', 'decide'];
  }
}

async function withOrder(
  world: World,
  index: number,
  status: string,
  act: (order: ModelOrder, market: ModelMarket) => Promise<void>,
): Promise<void> {
  const market = world.markets[index] as ModelMarket;
  const order = market.orders.find((one) => one.status === status);
  if (order !== undefined) await act(order, market);
}

/** Up to three fills that never exceed what was ordered, at the limit or better; sometimes all of it, sometimes none. */
function fillsOf(id: string, side: string, limit: bigint, quantity: bigint, n: number): ModelFill[] {
  const third = quantity / 3n + 1n;
  const parts = [third, third, quantity - 2n * third].slice(0, n % 4).filter((part) => part > 0n);
  const better = (k: number) => (side === 'bid' ? -1n : 1n) * BigInt((n + k) % 50);
  return parts.map((part, k) => ({ id: `${id}-${k}`, quantity: part, price: limit + better(k) }));
}

function report(order: ModelOrder, seen: readonly ModelFill[], n: number, ended: boolean): FillReport {
  const fills = shuffled([...seen, ...seen.slice(0, n % 3)], n).map((fill) => ({
    exchangeTradeId: fill.id,
    price: fill.price.toString(),
    quantity: coins(fill.quantity),
    funds: won(fundsOf(fill)),
    executedAt: IN_TIME,
  }));
  return {
    fills,
    executedQuantity: coins(sum(seen.map((fill) => fill.quantity))),
    paidFee: won(sum(seen.map(feeOf)) + (ended ? order.extraFee : 0n)),
    final: ended ? (isFilled(order) ? 'filled' : 'canceled') : null,
  };
}

function shuffled<T>(list: readonly T[], n: number): readonly T[] {
  return n % 2 === 0 ? list : [...list].reverse();
}

const nameOfError = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: Error) => error.name,
  );

async function compare({ account, markets }: World): Promise<void> {
  const [accounts, stored, differences, rest] = await Promise.all([
    readMarketAccounts(db, account),
    readOrders(db, { account, limit: 1_000 }),
    rebuildLedger(db, account),
    unexplained(account),
  ]);
  expect(accounts.map(({ holdings, reserved }) => [holdings.cash, holdings.quantity, reserved])).toEqual(
    markets.map((market) => [
      won(market.cash),
      coins(market.coins),
      { cash: won(reservedBy(market, 'bid')), quantity: coins(reservedBy(market, 'ask')) },
    ]),
  );
  const statuses = (list: readonly { identifier: string; status: string }[]) =>
    Object.fromEntries(list.map((order) => [order.identifier, order.status]));
  expect(statuses(stored)).toEqual(statuses(markets.flatMap((market) => market.orders)));
  for (const market of MARKETS) {
    const flying = stored.filter((one) => one.market === market && /intended|sending|open/.test(one.status));
    expect(flying.length).toBeLessThanOrEqual(1);
  }
  expect(differences).toEqual([]);
  expect(rest).toBe('0');
}

/** Cash + cost − profit less everything that came from outside: trades alone must not move it. */
async function unexplained(account: string): Promise<string> {
  const { rows } = await sql<{ rest: string }>`
    SELECT trim_scale((SELECT sum(cash + cost - realised_profit) FROM market_accounts WHERE account = ${account})
      - (SELECT coalesce(sum(cash + cost), 0) FROM cash_flows WHERE account = ${account})
      - (SELECT coalesce(sum(cash + cost - realised_profit), 0) FROM ledger_adjustments WHERE account = ${account}))::text
      AS rest`.execute(db);
  return rows[0]?.rest ?? '';
}

it('after any history the ledger is what a simple model says, and proves itself', { timeout: 120_000 }, async () => {
  const step = fc.record({
    market: fc.nat({ max: MARKETS.length - 1 }),
    choice: fc.nat({ max: 1_000 }),
    n: fc.nat({ max: 100_000 }),
  });
  const met = new Map<string, number>();
  const meet = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 50, size: 'max' }), async (history) => {
      const account = await anAccount(db, '15000', MARKETS);
      const world: World = { account, markets: MARKETS.map(() => ({ cash: 15_000n * WON, coins: 0n, orders: [] })) };
      for (const { market, choice, n } of history) {
        const steps = nextSteps(world.markets[market] as ModelMarket);
        await STEPS[steps[choice % steps.length] as Step]?.(world, market, n);
        await compare(world);
      }
      for (const order of world.markets.flatMap((one) => one.orders)) meet(order.status);
      const adjusted = await db
        .selectFrom('ledger_adjustments')
        .select('kind')
        .where('account', '=', account)
        .execute();
      for (const { kind } of adjusted) meet(kind);
    }),
    // 30 histories where the machine is free; fewer where it is not, instead of a test that takes minutes.
    { numRuns: 30, interruptAfterTimeLimit: 12_000 },
  );
  console.log('what the histories met:', Object.fromEntries(met));
});
