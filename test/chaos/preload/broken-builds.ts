import { randomInt } from 'node:crypto';
import type { TradingDependencies } from '../../../activities/trading/dependencies.ts';
import type { Db } from '../../../db/connect.ts';
import type { OrderMoved } from '../../../db/order-outcomes.ts';
import type { Order } from '../../../db/orders.ts';
import type { ExchangeOrder, OrderRequest } from '../../../exchange/port.ts';
import type { BrokenBuild } from '../broken-builds.ts';

type Work = (...args: never[]) => unknown;
type CreateOrder = (request: OrderRequest, ...startBy: number[]) => Promise<ExchangeOrder>;
type Replacements = Readonly<Record<string, (real: Work) => Work>>;

/** How far back the faulty look at fills reaches, market time. */
const FILL_WINDOW_MS = 20_000;

/**
 * Faults people make, put in the place of the bot's own functions in this process alone: a proof that does not find them
 * proves nothing. What they call is imported when they run, because this module is loaded while those are.
 */
const BUILDS: Readonly<Record<BrokenBuild, Replacements>> = {
  'record-after-post': { placeOrder: () => placeThenRecord as Work },

  'random-identifier': {
    createOrder: (real) => {
      const create = real as CreateOrder;
      return (request: OrderRequest, ...startBy: number[]) =>
        create({ ...request, identifier: `${request.identifier}-${randomInt(36 ** 4).toString(36)}` }, ...startBy);
    },
  },

  'believe-404': {
    giveUpSending: (real) => {
      const giveUp = real as (db: Db, identifier: string, settleMs: number) => Promise<OrderMoved>;
      return async (db: Db, identifier: string) => {
        const { markExpired } = await import('../../../db/order-outcomes.ts');
        await giveUp(db, identifier, 0);
        return markExpired(db, identifier, 'the exchange does not know it');
      };
    },
  },

  'reject-on-429': {
    createOrder: (real) => {
      const create = real as CreateOrder;
      return async (request: OrderRequest, ...startBy: number[]) => {
        const { OrderRejected, RateLimited } = await import('../../../exchange/errors.ts');
        return create(request, ...startBy).catch((error: unknown) => {
          throw error instanceof RateLimited ? new OrderRejected('too_many_requests', error.message) : error;
        });
      };
    },
  },

  'fills-by-time': { pollOnce: withRecentFills, resolveOrder: withRecentFills },

  // Read when the decision is made, and not again when the order is sent.
  'halt-by-flag': { maySend: () => () => true },
};

export function brokenBuild(name: string): Replacements {
  return name === '' ? {} : BUILDS[name as BrokenBuild];
}

async function placeThenRecord(deps: TradingDependencies, identifier: string): Promise<{ readonly kind: string }> {
  const { requireOrder } = await import('../../../db/orders.ts');
  const { beginSending } = await import('../../../db/order-sending.ts');
  const { recordAccepted, recordRefusal } = await import('../../../db/order-outcomes.ts');
  const { OrderRejected } = await import('../../../exchange/errors.ts');
  const { db, exchange, clock } = deps;
  const order = await requireOrder(db, identifier);
  if (order.status !== 'intended') return { kind: 'open' };
  const record = async (): Promise<Order> => {
    await beginSending(db, identifier, clock.now() ?? 0);
    return requireOrder(db, identifier);
  };
  try {
    const created = await exchange.createOrder(order.request as unknown as OrderRequest);
    await record();
    await recordAccepted(db, identifier, created.exchangeOrderId);
    return { kind: 'open' };
  } catch (error) {
    if (!(error instanceof OrderRejected)) throw error;
    const { sending_at: sentAt } = await record();
    await recordRefusal(db, { identifier, reason: error.reason, repeated: false, sentAt });
    return { kind: 'rejected' };
  }
}

/** Lets the function see only fills of the last seconds, as one that asks for "fills since" and not by trade id. */
function withRecentFills(real: Work): Work {
  const look = real as (deps: TradingDependencies, ...rest: unknown[]) => unknown;
  return (deps: TradingDependencies, ...rest: unknown[]) => {
    const fetchOrder: TradingDependencies['exchange']['fetchOrder'] = async (reference) => {
      const shown = await deps.exchange.fetchOrder(reference);
      const since = (deps.clock.now() ?? 0) - FILL_WINDOW_MS;
      return shown && { ...shown, fills: shown.fills.filter(({ executedAt = 0 }) => executedAt >= since) };
    };
    return look({ ...deps, exchange: { ...deps.exchange, fetchOrder } }, ...rest);
  };
}
