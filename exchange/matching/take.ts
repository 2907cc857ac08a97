import { type Decimal, Exact, floorVolume } from './exact.ts';
import { crosses, type Level } from './liquidity.ts';
import type { Side } from './order.ts';

/** A price and a quantity of coins that change hands. */
export interface Take {
  readonly price: Decimal;
  readonly volume: Decimal;
}

const least = (a: Decimal, b: Decimal | undefined): Decimal => (b === undefined || a.lte(b) ? a : b);

/** Takes up to `volume` coins from the levels, none worse than `limit` (undefined: at any price). */
export function takeVolume(levels: readonly Level[], side: Side, volume: Decimal, limit: Decimal | undefined): Take[] {
  const takes: Take[] = [];
  let rest = volume;
  for (const level of levels) {
    if (rest.isZero() || (limit !== undefined && !crosses(side, limit, level.price))) break;
    const taken = least(rest, level.volume);
    takes.push({ price: level.price, volume: taken });
    rest = rest.minus(taken);
  }
  return takes;
}

/** Spends up to `total` KRW, fee not counted, on the levels: each quantity is cut to eight decimals as Upbit does. */
export function takeFunds(levels: readonly Level[], total: Decimal): Take[] {
  const takes: Take[] = [];
  let rest = total;
  for (const level of levels) {
    const affordable = floorVolume(rest.div(level.price));
    const taken = least(affordable, level.volume);
    if (taken.isZero()) break;
    takes.push({ price: level.price, volume: taken });
    rest = rest.minus(taken.times(level.price));
    if (taken.eq(affordable)) break;
  }
  return takes;
}

/** Coins in all takes together. */
export function takenVolume(takes: readonly Take[]): Decimal {
  return takes.reduce((sum, take) => sum.plus(take.volume), new Exact(0));
}

/** KRW in all takes together, fee not counted. */
export function takenFunds(takes: readonly Take[]): Decimal {
  return takes.reduce((sum, take) => sum.plus(take.price.times(take.volume)), new Exact(0));
}
