import type { LedgerEvent } from '../../matching/events.ts';
import type { Ledger } from '../../matching/ledger.ts';
import type { Order } from '../../matching/order.ts';
import type { OrderArchive } from './order-archive.ts';

/** Moves what is over out of the ledger into the archive. */
export interface Retirement {
  /** To be told what the ledger has taken. */
  noted(events: readonly LedgerEvent[]): void;
  /** Lets nothing more leave; resolves when nothing is on its way. */
  stop(): Promise<void>;
}

export interface RetirementSize {
  /** Orders that are over stay in memory, the newest so many: clients ask for those they have just made. */
  readonly kept: number;
  /** How many more there must be before some leave: each time is a turn of the disk, which the journal waits for too. */
  readonly together: number;
}

interface RetirementOptions extends RetirementSize {
  /** Resolves once everything the ledger has taken is on disk. */
  readonly synced: () => Promise<void>;
  readonly log: (line: string) => void;
}

export const USUAL_RETIREMENT: RetirementSize = { kept: 1_000, together: 250 };

/** Most that leave at once: a folder from before there was an archive has all its orders in the ledger. */
const LARGEST_BATCH = 1_000;

/** An order leaves the ledger when the archive has it on disk: it is always in one of them, for a moment in both. */
export function retireOrders(
  ledger: Ledger,
  archive: OrderArchive,
  { kept, together, synced, log }: RetirementOptions,
): Retirement {
  const over = [...ledger.orders.values()].flatMap(({ uuid, state }) => (state === 'wait' ? [] : [uuid]));
  const burned = [...ledger.identifiers].flatMap(([identifier, uuid]) => (uuid === undefined ? [identifier] : []));
  let dueAt = kept + together;
  let leaving: Promise<void> | undefined;
  let stopped = false;

  const leave = async (): Promise<void> => {
    const leavers = over.slice(0, Math.min(Math.max(0, over.length - kept), LARGEST_BATCH));
    const orders = leavers.flatMap((uuid) => ledger.orders.get(uuid) ?? []);
    const identifiers = burned.slice(0, LARGEST_BATCH);
    // Never ahead of the journal: after a loss of power an order of the archive must be over in the journal too.
    await synced();
    await archive.add(orders, identifiers);
    over.splice(0, leavers.length);
    burned.splice(0, identifiers.length);
    for (const order of orders) forget(ledger, order);
    for (const identifier of identifiers) ledger.identifiers.delete(identifier);
  };
  const leaveWhenDue = (): void => {
    if (stopped || leaving !== undefined || over.length + burned.length < dueAt) return;
    leaving = leave()
      .then(
        () => {
          dueAt = kept + together;
        },
        (error: unknown) => {
          // A full disk, say. They stay where they are, and leave with the next ones.
          dueAt = over.length + burned.length + together;
          log(`paper exchange: the archive of orders: ${error instanceof Error ? error.message : error}`);
        },
      )
      .finally(() => {
        leaving = undefined;
        leaveWhenDue();
      });
  };
  leaveWhenDue();

  return {
    noted(events) {
      for (const event of events) {
        if (event.type === 'ended') over.push(event.order);
        if (event.type === 'identifier-burned') burned.push(event.identifier);
      }
      leaveWhenDue();
    },
    async stop() {
      stopped = true;
      await leaving;
    },
  };
}

function forget(ledger: Ledger, { uuid, request: { identifier } }: Order): void {
  ledger.orders.delete(uuid);
  if (identifier !== undefined) ledger.identifiers.delete(identifier);
}
