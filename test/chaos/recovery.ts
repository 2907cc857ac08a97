import type { LedgerDecision, LedgerRecord } from './ledger-record.ts';

/** Something that was done to the bot. */
export interface Injected {
  /** `trader killed`, `exchange: reset`, `durabit halt` … */
  readonly kind: string;
  /** When its cause was over, epoch ms: a kill at once, a fault of the exchange when the request had met it. */
  readonly at: number;
  /** The market it was about; undefined for all of them. */
  readonly market?: string | undefined;
  readonly order?: string | undefined;
}

export interface Recoveries {
  /** Milliseconds each took, in the order of the faults. */
  readonly took: readonly number[];
  /** Faults after which a market has not decided again, or an order has come to no end. */
  readonly never: readonly Injected[];
  /** Orders that were not found when all the rest went on again: they, and their markets, wait for up to a day. */
  readonly leftUnknown: readonly string[];
}

const DECIDED = ['buy', 'sell', 'hold'];
/** An order in one of these waits for nothing; `unknown` is all that can be known of it for a day. */
const SETTLED = ['filled', 'canceled', 'rejected', 'expired', 'unknown'];

/**
 * How long the bot took after each fault until every market concerned was decided on again, or waited for an order that
 * is not found and for nothing else, and the order concerned had come to its end.
 */
export function measureRecovery(injected: readonly Injected[], ledger: LedgerRecord): Recoveries {
  const byMarket = Map.groupBy(ledger.decisions, ({ market }) => market);
  const goesOn = ({ action, waitsFor }: LedgerDecision): boolean => DECIDED.includes(action) || waitsFor !== null;
  const settled = Map.groupBy(
    ledger.steps.filter(({ status }) => SETTLED.includes(status)),
    ({ identifier }) => identifier,
  );
  const known = new Set(ledger.orders.map(({ identifier }) => identifier));
  const took: number[] = [];
  const never: Injected[] = [];
  const leftUnknown = new Set<string>();
  for (const fault of injected) {
    const markets = fault.market === undefined ? [...byMarket.keys()] : [fault.market];
    const decided = markets.map((market) => byMarket.get(market)?.find((one) => one.at > fault.at && goesOn(one)));
    const { order } = fault;
    // What was rolled back with its transaction never was an order.
    const steps = order !== undefined && known.has(order) ? (settled.get(order) ?? []) : undefined;
    const ended = steps === undefined ? fault.at : Math.max(fault.at, steps[0]?.at ?? Number.NaN);
    const last = Math.max(ended, ...decided.map((one) => one?.at ?? Number.NaN));
    if (Number.isNaN(last)) {
      never.push(fault);
      continue;
    }
    took.push(last - fault.at);
    if (steps?.[0]?.status === 'unknown') leftUnknown.add(steps[0].identifier);
    for (const one of decided) if (one?.waitsFor != null) leftUnknown.add(one.waitsFor);
  }
  return { took, never, leftUnknown: [...leftUnknown] };
}

/** The value below which a share of them lies; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
