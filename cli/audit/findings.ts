/** What was compared. */
export type CheckName =
  | 'one order per leg'
  | 'order lost'
  | 'order differs'
  | 'order state'
  | 'fill lost'
  | 'fill differs'
  | 'fee'
  | 'cash'
  | 'coins'
  | 'exchange total'
  | 'exchange record'
  | 'decision'
  | 'at rest';

/** One thing that is not as it should be, with the identifiers and amounts concerned. */
export interface Finding {
  readonly check: CheckName;
  readonly detail: string;
}

/** What an audit found. */
export interface AuditResult {
  readonly account: string;
  readonly ledger_equals_exchange: boolean;
  /** Orders there bearing this bot's id, resting or ended. */
  readonly orders_at_exchange: number;
  /** Of those: ended more than a day ago, so that what they executed and paid was held against the ledger, not each fill. */
  readonly orders_by_totals: number;
  /** Orders of the ledger that the exchange took. */
  readonly orders_in_ledger: number;
  /** Orders at the exchange beyond the first of their market, candle and leg. */
  readonly duplicates: number;
  /** Orders only one of the two knows. */
  readonly lost: number;
  readonly fills_at_exchange: number;
  readonly fills_in_ledger: number;
  /** By currency, what the account holds beyond what the ledger owns: never allocated, or traded by hand. */
  readonly outside: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  /** Differences of orders on their way at this moment; not faults. */
  readonly in_flight: readonly Finding[];
}

/** Collects what the checks find. */
export class Findings {
  readonly faults: Finding[] = [];
  readonly inFlight: Finding[] = [];

  fault(check: CheckName, detail: string): void {
    this.faults.push({ check, detail });
  }

  /** A fault, unless the order concerned is on its way. */
  faultUnless(inFlight: boolean, check: CheckName, detail: string): void {
    (inFlight ? this.inFlight : this.faults).push({ check, detail });
  }
}
