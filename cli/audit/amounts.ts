import { Decimal } from 'decimal.js';

/**
 * The auditor's own arithmetic: sums and differences only, of figures far below a hundred digits, so nothing is rounded.
 * It shares none with the ledger, whose errors it is there to find.
 */
export const Amount = Decimal.clone({ precision: 200, toExpNeg: -200, toExpPos: 200 });
export type Amount = Decimal;

/** Amounts by what they are of: a currency, a market, an order. What was never added to is zero. */
export class Amounts {
  readonly #amounts = new Map<string, Amount>();

  add(key: string, amount: Decimal.Value): void {
    this.#amounts.set(key, this.of(key).plus(amount));
  }

  of(key: string): Amount {
    return this.#amounts.get(key) ?? new Amount(0);
  }

  keys(): readonly string[] {
    return [...this.#amounts.keys()];
  }
}

export function sameAmount(one: Decimal.Value, other: Decimal.Value): boolean {
  return new Amount(one).eq(other);
}
