import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { pollOnce } from '../../../activities/trading/order-fills.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { haltAccount } from '../../../cli/halt/halt-account.ts';
import { parseMarket } from '../../../config/market.ts';
import { connectDatabase } from '../../../db/connect.ts';
import { requireOrder } from '../../../db/orders.ts';
import { resumeTrading } from '../../../db/trading-state.ts';
import { ExchangeUnavailable, NotSent } from '../../../exchange/errors.ts';
import type { ExchangeOrder, OrderRequest, TradingExchange } from '../../../exchange/port.ts';
import type { BotId } from '../../../strategy/order-identifier.ts';
import { anAccount, anOrder, createLedgerDatabase, IN_TIME, intend, requireProven } from '../../support/ledger.ts';

const HALTS = 5;
const MARKETS = Array.from({ length: 6 }, (_, n) => parseMarket(`KRW-M${n}`));
const clock = { now: () => IN_TIME, ask: () => () => undefined, isDoubtful: () => false };

/** A number from 0 to 1, the same ones for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * An exchange behind a slow way: a request waits before it leaves, as the client makes it wait for its turn, and again
 * on the way; some answers are lost. Like the client it sends nothing after `startBy`.
 */
function slowExchange(random: () => number) {
  const orders = new Map<string, ExchangeOrder>();
  const left: number[] = [];
  async function createOrder(request: OrderRequest, startBy = Number.POSITIVE_INFINITY): Promise<ExchangeOrder> {
    if (request.type !== 'limit') throw new Error('only limit orders here');
    const { identifier, market, side, price, volume } = request;
    await pause(random() < 0.4 ? 100 + random() * 450 : random() * 30);
    if (performance.now() > startBy) throw new NotSent(identifier, 'its turn came too late');
    left.push(performance.now());
    await pause(random() < 0.2 ? random() * 900 : random() * 30);
    const funds = String(Number(price) * Number(volume));
    const fill = { exchangeTradeId: `t-${identifier}`, price, volume, funds, executedAt: IN_TIME };
    const terms = { market, side, price, volume, executedVolume: volume, paidFee: String(Number(funds) * 0.0005) };
    const order = { exchangeOrderId: `x-${identifier}`, identifier, state: 'done', ...terms, fills: [fill] } as const;
    orders.set(identifier, order);
    if (random() < 0.2) throw new ExchangeUnavailable('the answer was lost');
    return order;
  }
  const exchange: TradingExchange = {
    createOrder,
    fetchOrder: async (reference) => orders.get('identifier' in reference ? reference.identifier : ''),
    cancelOrder: async () => undefined,
    fetchOpenOrders: async () => [],
    fetchClosedOrders: async () => [...orders.values()],
    fetchBalances: async () => [],
    fetchOrderTerms: () => Promise.reject(new Error('nobody asks')),
  };
  return { exchange, left };
}

/**
 * With an exchange that cannot be asked from where the halt is typed, only the time it waits keeps requests from leaving.
 * Side by side, since both mostly wait.
 */
it.concurrent.for([
  ['which asks the exchange', 'reached'],
  ['which cannot ask the exchange', 'not-reached'],
] as const)(
  'after a halt %s has returned no request leaves, however many are on their way when it is typed',
  {
    timeout: 90_000,
  },
  async ([, kind], { onTestFinished }) => {
    const random = randomFrom(20_260_101);
    const { db, url, close } = await createLedgerDatabase();
    const operator = connectDatabase(url, { applicationName: 'operator' });
    onTestFinished(async () => {
      await operator.destroy();
      await close();
    });
    const account = await anAccount(db, '1000000000', MARKETS);
    const { exchange, left } = slowExchange(random);
    const deps = { db, exchange, clock, intervalMs: 60_000 };
    let trading = true;

    /** What the trader does for a market, order after order: each is tried until it is placed or must not be any more. */
    async function trade(market: (typeof MARKETS)[number]): Promise<void> {
      while (trading) {
        // A leg that does not wait for an order that was not found.
        const { identifier, request, ...terms } = anOrder(account, { market, leg: 'manual' });
        await intend(db, { ...terms, identifier, request: { ...request, identifier, market } });
        for (let status = 'intended'; trading && ['intended', 'sending', 'open'].includes(status); await pause(20)) {
          const placed = await placeOrder(deps, identifier).catch(() => undefined);
          if (placed?.kind === 'open') await pollOnce(deps, identifier);
          ({ status } = await requireOrder(db, identifier));
        }
      }
    }
    const traders = MARKETS.map(trade);
    onTestFinished(async () => {
      trading = false;
      await Promise.allSettled(traders);
    });

    const afterReturn: number[] = [];
    const proven: boolean[] = [];
    for (let halts = 0; halts < HALTS; halts += 1) {
      await pause(300 + random() * 500);
      const before = left.length;
      const { notKnown, state } = await haltAccount({
        ...{ db: operator, account, botId: 'testbot1' as BotId, reason: `halt ${halts}`, say: () => undefined },
        reached: kind === 'reached' ? { kind, address: 'test', exchange, clock } : { kind, why: 'test', cure: 'test' },
        giveUpAt: performance.now() + 20_000,
      });
      const returned = performance.now();
      expect(state).toMatchObject({ state: 'halted', reason: `halt ${halts}` });
      await pause(800);
      afterReturn.push(...left.filter((at) => at >= returned).map((at) => Math.round(at - returned)));
      proven.push(notKnown.length === 0);
      expect(before, 'orders went out before').toBeGreaterThan(0);
      await resumeTrading(operator, account, 'go on');
    }
    trading = false;
    await Promise.all(traders);

    expect(afterReturn).toEqual([]);
    expect(left.length).toBeGreaterThan(HALTS * 5);
    if (kind === 'reached') expect(proven).toContain(true);
    await requireProven(db, account);
  },
);
