import type { TradingDependencies } from '../../activities/trading/dependencies.ts';
import { type HaltRequest, haltAccount } from '../../cli/halt/halt-account.ts';
import type { Db } from '../../db/connect.ts';
import { recordAccepted, recordRefusal } from '../../db/order-outcomes.ts';
import { beginSending } from '../../db/order-sending.ts';
import { readOrder, requireOrder } from '../../db/orders.ts';
import { haltTrading } from '../../db/trading-state.ts';
import { AmbiguousSubmission, NotSent, OrderRejected, RateLimited } from '../../exchange/errors.ts';
import type { ExchangeOrder, OrderRequest, TradingExchange } from '../../exchange/port.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import type { World } from './world.ts';

/** The bot as it is, or with one deliberate fault: a simulator that does not find it finds nothing. */
export interface Build {
  dependencies?(deps: TradingDependencies, world: World): TradingDependencies;
  activities?(deps: TradingDependencies): Readonly<Record<string, unknown>>;
  /** Stops trading. @returns when no request starts any more */
  halt(request: HaltRequest): Promise<void>;
}

/** Until when a request may leave. */
type StartBy = Parameters<TradingExchange['createOrder']> extends [OrderRequest, ...infer Rest] ? Rest : never;

/** As `durabit halt` does it. */
async function halt(request: HaltRequest): Promise<void> {
  await haltAccount(request);
}

const withExchange = (
  change: (exchange: TradingExchange, deps: TradingDependencies, world: World) => object,
): Build => ({
  halt,
  dependencies: (deps, world) => ({ ...deps, exchange: { ...deps.exchange, ...change(deps.exchange, deps, world) } }),
});

export const AS_IT_IS: Build = { halt };

/** Faults that people make. Each wraps what the bot stands on; the bot's own code stays as it is. */
export const BROKEN_BUILDS: Readonly<Record<string, Build>> = {
  'records after sending': {
    halt,
    activities: (deps) => ({
      async placeOrder({ identifier }: { identifier: string }) {
        const order = await requireOrder(deps.db, identifier);
        if (order.status !== 'intended') return { kind: 'open' };
        try {
          const made = await deps.exchange.createOrder(order.request as unknown as OrderRequest);
          await beginSending(deps.db, identifier, deps.clock.now() ?? 0);
          await recordAccepted(deps.db, identifier, made.exchangeOrderId);
          return { kind: 'open' };
        } catch (error) {
          if (!(error instanceof OrderRejected)) throw error;
          await beginSending(deps.db, identifier, deps.clock.now() ?? 0);
          const refusal = { identifier, reason: error.reason, repeated: false };
          const { sending_at: sentAt } = await requireOrder(deps.db, identifier);
          await recordRefusal(deps.db, { ...refusal, sentAt });
          return { kind: 'rejected', reason: error.reason };
        }
      },
    }),
  },

  'makes up an identifier for every retry': withExchange((exchange, _, { chance, time }) => {
    const sent = new Set<string>();
    return {
      createOrder(request: OrderRequest, ...startBy: StartBy) {
        const again = sent.has(request.identifier);
        sent.add(request.identifier);
        const suffix = Math.floor(chance.of(`identifier at ${time.now}`) * 1e6);
        const identifier = again ? `${request.identifier}-${suffix}` : request.identifier;
        return exchange.createOrder({ ...request, identifier }, ...startBy);
      },
    };
  }),

  'believes a 404 at once': withExchange((exchange, { db }) => ({
    async fetchOrder(reference: { identifier?: string; exchangeOrderId?: string }) {
      const found = await exchange.fetchOrder(reference as never);
      const { identifier } = reference;
      if (found !== undefined || identifier === undefined) return found;
      if ((await readOrder(db, identifier))?.status === 'sending') {
        await recordRefusal(db, await onlyRefusal(db, identifier, 'not found'));
      }
      return undefined;
    },
  })),

  'takes a 429 for a refusal': withExchange((exchange) => ({
    async createOrder(request: OrderRequest, ...startBy: StartBy) {
      return exchange.createOrder(request, ...startBy).catch((error: unknown) => {
        throw error instanceof RateLimited ? new OrderRejected('too_many_requests', error.message) : error;
      });
    },
  })),

  'takes a reset connection for one that never was': withExchange((exchange) => ({
    async createOrder(request: OrderRequest, ...startBy: StartBy) {
      return exchange.createOrder(request, ...startBy).catch((error: unknown) => {
        const reset = error instanceof AmbiguousSubmission && error.message.includes('ECONNRESET');
        throw reset ? new NotSent(request.identifier, error) : error;
      });
    },
  })),

  'reads fills by a window of time': withExchange((exchange, { clock }) => ({
    async fetchOrder(reference: never) {
      const found = await exchange.fetchOrder(reference);
      return found === undefined ? undefined : withRecentFills(found, clock.now() ?? 0);
    },
  })),

  'halts by a flag alone': {
    async halt({ db, account, reason }) {
      await haltTrading(db, account, reason);
    },
  },
};

async function onlyRefusal(db: Db, identifier: string, reason: string) {
  const { sending_at: sentAt } = await requireOrder(db, identifier);
  return { identifier, reason, repeated: false, sentAt };
}

/** Market time a look-up reaches back. */
const WINDOW_MS = 20_000;

function withRecentFills(order: ExchangeOrder, now: number): ExchangeOrder {
  const fills = order.fills.filter(({ executedAt = now }) => executedAt >= now - WINDOW_MS);
  const volume = fills.reduce((sum, fill) => sum.plus(fill.volume), new Exact(0));
  return { ...order, fills, executedVolume: decimalText(volume) };
}
