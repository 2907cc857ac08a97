import type { Balances } from '../../matching/balances.ts';
import { type LedgerEvent, orderChangedBy } from '../../matching/events.ts';
import type { Ledger } from '../../matching/ledger.ts';
import type { Order } from '../../matching/order.ts';
import type { LedgerStore } from '../state/ledger-store.ts';

/** A ledger store that remembers how the ledger was a while ago. */
export interface LedgerHistory {
  readonly store: LedgerStore;
  /** The ledger as it was at a market time (epoch ms), as far back as is remembered. To be read, never changed. */
  asOf(time: number): Ledger;
}

/** What one record changed, as it was before. */
interface Before {
  readonly at: number;
  readonly balances: Balances;
  readonly orders: ReadonlyMap<string, Order | undefined>;
  readonly lastSequence: number;
}

/** @param memoryMs how far back it remembers, in ms of market time. */
export function rememberLedger(store: LedgerStore, memoryMs: number): LedgerHistory {
  const { ledger } = store;
  let changes: Before[] = [];
  return {
    store: {
      ...store,
      record(events, at, sync) {
        const before = beforeOf(ledger, events, at);
        store.record(events, at, sync);
        // Once in a while, so that a busy account does not copy its memory at every order.
        if ((changes[0]?.at ?? at) < at - 2 * memoryMs)
          changes = changes.filter((change) => change.at >= at - memoryMs);
        changes.push(before);
      },
    },
    asOf(time) {
      const undone = changes.slice(changes.findLastIndex(({ at }) => at <= time) + 1);
      return undone.length === 0 ? ledger : withoutChanges(ledger, undone);
    },
  };
}

function beforeOf(ledger: Ledger, events: readonly LedgerEvent[], at: number): Before {
  const touched = events.flatMap((event) => orderChangedBy(event) ?? []);
  return {
    at,
    balances: new Map([...ledger.balances].map(([currency, balance]) => [currency, { ...balance }])),
    orders: new Map(touched.map((uuid) => [uuid, copyOf(ledger.orders.get(uuid))])),
    lastSequence: ledger.lastSequence,
  };
}

/** Amounts are immutable; what an order holds of its own is the list of its fills. */
function copyOf(order: Order | undefined): Order | undefined {
  return order === undefined ? undefined : { ...order, fills: [...order.fills] };
}

/** @param undone at least one, oldest first. */
function withoutChanges(ledger: Ledger, undone: readonly Before[]): Ledger {
  const orders = new Map(ledger.orders);
  for (const change of undone.toReversed()) {
    for (const [uuid, order] of change.orders) {
      if (order === undefined) orders.delete(uuid);
      else orders.set(uuid, order);
    }
  }
  const waiting = [...orders.values()].filter(({ state }) => state === 'wait');
  const byMarket = Map.groupBy(waiting, ({ request }) => request.market);
  return {
    balances: undone[0]?.balances ?? ledger.balances,
    orders,
    // Those of orders not there yet lead nowhere.
    identifiers: ledger.identifiers,
    open: new Map([...byMarket].map(([market, open]) => [market, new Map(open.map((order) => [order.uuid, order]))])),
    // Later ones may be in the archive already, where nobody may find them.
    lastSequence: undone[0]?.lastSequence ?? ledger.lastSequence,
    // The market is seen as it is, whoever asks: only looks at the account lag.
    books: ledger.books,
    followed: ledger.followed,
  };
}
