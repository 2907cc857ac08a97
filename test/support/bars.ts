import type { Bar } from '../../strategy/bar-series.ts';
import { BarWindow } from '../../strategy/bar-window.ts';
import type { Position, Signal, Strategy } from '../../strategy/strategy.ts';
import { minute } from './candles.ts';

export const NO_POSITION: Position = { quantity: '0', averageCost: '0' };

/** Minutes that stood still at each of these closes, oldest first. */
export function barsOf(closes: readonly (string | number)[]): Bar[] {
  return closes.map((price, n) => {
    const close = String(price);
    return { ts: minute(n), open: close, high: close, low: close, close, volume: '1' };
  });
}

export function windowOf(closes: readonly (string | number)[]): BarWindow {
  return BarWindow.endingWith(barsOf(closes));
}

/** The same close `count` times. */
export function flat(count: number, close: string | number = 100): (string | number)[] {
  return Array<string | number>(count).fill(close);
}

/** What a strategy with its own parameters says of these closes. */
export function voteOf(strategy: Strategy, closes: readonly (string | number)[]): Signal {
  return strategy.signal(windowOf(closes), NO_POSITION, strategy.parameters);
}
