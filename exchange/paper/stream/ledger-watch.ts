import { type LedgerEvent, orderChangedBy } from '../../matching/events.ts';
import type { Ledger } from '../../matching/ledger.ts';
import type { Order } from '../../matching/order.ts';
import type { LedgerStore } from '../state/ledger-store.ts';

/** Called with events once they are on disk, and with what they changed as it was before: a ledger of its own. */
export type LedgerListener = (events: readonly LedgerEvent[], before: Ledger, at: number) => void;

/** A ledger store that tells what it records. */
export interface WatchedLedger {
  readonly store: LedgerStore;
  /** @returns ends it. */
  watch(listener: LedgerListener): () => void;
}

export function watchLedger(store: LedgerStore): WatchedLedger {
  const listeners = new Set<LedgerListener>();
  return {
    store: {
      ...store,
      record(events, at, sync) {
        const told = [...listeners].map((listener) => ({ listener, before: touchedBy(events, store.ledger) }));
        store.record(events, at, sync);
        store.kept().then(
          () => {
            for (const { listener, before } of told) listener(events, before, at);
          },
          // What the disk did not take is told to nobody. Requests hear of the fault.
          () => undefined,
        );
      },
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function touchedBy(events: readonly LedgerEvent[], ledger: Ledger): Ledger {
  const orders = events.flatMap((event): [string, Order][] => {
    const order = ledger.orders.get(orderChangedBy(event) ?? '');
    return order === undefined ? [] : [[order.uuid, { ...order, fills: [...order.fills] }]];
  });
  return {
    balances: new Map([...ledger.balances].map(([currency, balance]) => [currency, { ...balance }])),
    orders: new Map(orders),
    open: new Map(),
    identifiers: new Map(),
    lastSequence: ledger.lastSequence,
    books: new Map(),
    followed: new Map(),
  };
}
