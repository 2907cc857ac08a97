import type { Ledger } from '../../matching/ledger.ts';
import type { Order } from '../../matching/order.ts';
import { ordersSince } from '../known-orders.ts';
import type { OrderArchive } from '../state/order-archive.ts';

const isoTime = (instant: number): string => new Date(instant).toISOString();

/** An order as the exchange really holds it. Amounts are decimal text, times ISO 8601 of market time, UTC. */
export type TrueOrder = ReturnType<typeof trueOrder>;

/** A page of the account as it really is, faults or no faults. */
export interface TrueLedger {
  readonly market_time: string;
  readonly balances: readonly { readonly currency: string; readonly balance: string; readonly locked: string }[];
  /** Used up by a refusal. */
  readonly burned_identifiers: readonly string[];
  /** By sequence. */
  readonly orders: readonly TrueOrder[];
  /** What to give as `since` for the following page; null when this is the last. */
  readonly next: number | null;
  /** The first order that still waits: those before it no longer change. Null when none does. */
  readonly oldest_open: number | null;
}

/** The orders after sequence `since`, at most `limit`, and the whole of what is held. */
export function trueLedger(
  { ledger, archive }: { readonly ledger: Ledger; readonly archive: OrderArchive },
  marketTime: number,
  since: number,
  limit: number,
): TrueLedger {
  const orders = ordersSince(ledger, archive, since, limit).map(trueOrder);
  const burned = [...ledger.identifiers].flatMap(([identifier, uuid]) => (uuid === undefined ? identifier : []));
  const last = orders.at(-1)?.sequence ?? since;
  const waiting = [...ledger.open.values()].flatMap((open) => [...open.values()].map(({ sequence }) => sequence));
  return {
    market_time: isoTime(marketTime),
    balances: [...ledger.balances].map(([currency, { free, locked }]) => ({
      currency,
      balance: free.toFixed(),
      locked: locked.toFixed(),
    })),
    // One on its way to the archive is in both.
    burned_identifiers: [...new Set([...archive.burned(), ...burned])],
    orders,
    next: last < ledger.lastSequence ? last : null,
    oldest_open: waiting.length === 0 ? null : Math.min(...waiting),
  };
}

function trueOrder(order: Order) {
  const { side, type, price, volume, timeInForce, identifier } = order.request;
  const market: string = order.request.market;
  return {
    sequence: order.sequence,
    uuid: order.uuid,
    identifier: identifier ?? null,
    market,
    side,
    ord_type: type,
    price: price ?? null,
    volume: volume ?? null,
    time_in_force: timeInForce ?? null,
    state: order.state,
    created_at: isoTime(order.createdAt),
    executed_volume: order.executedVolume.toFixed(),
    executed_funds: order.executedFunds.toFixed(),
    paid_fee: order.paidFee.toFixed(),
    prevented_volume: order.preventedVolume.toFixed(),
    prevented_locked: order.preventedLocked.toFixed(),
    fills: order.fills.map((fill) => ({
      uuid: fill.uuid,
      at: isoTime(fill.at),
      price: fill.price.toFixed(),
      volume: fill.volume.toFixed(),
      funds: fill.funds.toFixed(),
      fee: fill.fee.toFixed(),
    })),
  };
}
