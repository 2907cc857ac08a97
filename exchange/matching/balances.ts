import { type Decimal, Exact } from './exact.ts';

/** One currency of the account. `free` is what orders may use: it is net of `locked`, as Upbit's `balance` is. */
export interface Balance {
  free: Decimal;
  locked: Decimal;
  /** KRW per coin over the purchases of the present holding, fees left out. */
  averageBuyPrice: Decimal;
}

export type Balances = Map<string, Balance>;

/** The balance of `currency`, created empty on first use. */
export function balanceOf(balances: Balances, currency: string): Balance {
  let balance = balances.get(currency);
  if (balance === undefined) {
    balance = { free: new Exact(0), locked: new Exact(0), averageBuyPrice: new Exact(0) };
    balances.set(currency, balance);
  }
  return balance;
}

/** What orders may use of `currency`; zero for one never held. Changes nothing. */
export function freeBalance(balances: Balances, currency: string): Decimal {
  return balances.get(currency)?.free ?? new Exact(0);
}

/** Moves `amount` from free to locked, or back when negative. */
export function lock(balance: Balance, amount: Decimal): void {
  balance.free = balance.free.minus(amount);
  balance.locked = balance.locked.plus(amount);
}

/** Adds bought coins and averages their price in; eight decimals, because the mean of two prices need not end. */
export function addBought(balance: Balance, volume: Decimal, funds: Decimal): void {
  const held = balance.free.plus(balance.locked);
  const cost = held.times(balance.averageBuyPrice).plus(funds);
  balance.averageBuyPrice = cost.div(held.plus(volume)).toDecimalPlaces(8);
  balance.free = balance.free.plus(volume);
}

/** Takes sold coins out of what the order had locked. An emptied holding forgets its average price. */
export function removeSold(balance: Balance, volume: Decimal): void {
  balance.locked = balance.locked.minus(volume);
  if (balance.free.plus(balance.locked).isZero()) balance.averageBuyPrice = new Exact(0);
}
