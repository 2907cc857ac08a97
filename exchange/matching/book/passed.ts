import type { Market } from '../../../config/market.ts';
import { smaller } from '../../numbers/scaled.ts';
import type { LedgerEvent } from '../events.ts';
import type { Ledger } from '../ledger.ts';
import type { Side } from '../order.ts';
import { marketBook } from './book.ts';
import { aheadOf, levelAt, type RestingLevel } from './resting.ts';
import { decimalOf, unitsOf } from './units.ts';
import type { Step } from './walk.ts';

/**
 * How far our resting orders move up when `volume` coins (1e-8) of others were traded at their price; no event when
 * nothing of others is ahead of any of them. Goes before the executions of the same instant, which may end the level.
 */
export function passedEvent(market: Market, side: Side, level: RestingLevel, volume: bigint): LedgerEvent[] {
  const last = level.orders.at(-1);
  const ahead = last === undefined ? 0n : aheadOf(level, last);
  const passed = smaller(volume, ahead);
  if (passed === 0n) return [];
  return [
    { type: 'passed', market, side, price: decimalOf(level.price).toFixed(), volume: decimalOf(passed).toFixed() },
  ];
}

/** The same for what an order of ours traded with others; `side` is the book's. */
export function passedEvents(ledger: Ledger, market: Market, side: Side, steps: readonly Step[]): LedgerEvent[] {
  const traded = new Map<RestingLevel, bigint>();
  for (const { kind, slot, volume } of steps) {
    const level = levelAt(marketBook(ledger.books, market)[side], side, unitsOf(slot.price));
    if (kind !== 'trade' || slot.own !== undefined || level === undefined) continue;
    traded.set(level, (traded.get(level) ?? 0n) + unitsOf(volume));
  }
  return [...traded].flatMap(([level, volume]) => passedEvent(market, side, level, volume));
}
