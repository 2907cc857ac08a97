/** Spending or taking more than is free in a market's sub-account. Nothing was changed. */
export class InsufficientFree extends Error {
  override readonly name = 'InsufficientFree';
}

/** Another order of the market is in the way. Nothing was changed. */
export class MarketBlocked extends Error {
  override readonly name = 'MarketBlocked';
  /** Identifier of that order. */
  readonly by: string;

  constructor(market: string, by: string, status: string) {
    super(`${market} has the ${status} order ${by}`);
    this.by = by;
  }
}

/** A step the table of order states does not have. Nothing was changed; the caller is wrong. */
export class IllegalOrderMove extends Error {
  override readonly name = 'IllegalOrderMove';

  constructor(identifier: string, from: string, to: string) {
    super(`order ${identifier} is ${from} and cannot become ${to}`);
  }
}

/** Two things said about one order cannot both be true. Nothing was changed; a person has to look. */
export class OrderContradiction extends Error {
  override readonly name = 'OrderContradiction';
}

/** Whether the ledger refuses to book what the exchange shows: trying again changes nothing. */
export function isRefusal(error: unknown): error is IllegalOrderMove | OrderContradiction {
  return error instanceof IllegalOrderMove || error instanceof OrderContradiction;
}

/** The ledger has no such row where there must be one. */
export class NotInLedger extends Error {
  override readonly name = 'NotInLedger';
}
