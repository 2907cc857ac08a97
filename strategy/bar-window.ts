import { type Bar, type BarSeries, barSeries } from './bar-series.ts';

/** How many closed bars a decision looks at. */
export const WINDOW_BARS = 200;

/**
 * The bars up to one instant, seen from their newest: `close(0)` is the last close, `close(1)` the one before. A view:
 * a backtest scales a year once and makes a window per candle for nothing.
 */
export class BarWindow {
  /** Bars in it, at most {@link WINDOW_BARS}. */
  readonly length: number;
  readonly #series: BarSeries;
  readonly #newest: number;

  /** @param until index behind the newest bar in it; the end of the series when left out. */
  constructor(series: BarSeries, until: number = series.length) {
    if (!(until >= 0 && until <= series.length)) {
      throw new RangeError(`a window cannot end at bar ${until} of ${series.length}`);
    }
    this.length = Math.min(until, WINDOW_BARS);
    this.#series = series;
    this.#newest = until - 1;
  }

  /** The window a decision on the newest of `bars` (oldest first) looks at. See {@link barSeries} for its errors. */
  static endingWith(bars: readonly Bar[]): BarWindow {
    return new BarWindow(barSeries(bars.slice(-WINDOW_BARS)));
  }

  /** Integer price in the series' unit; `ago` counts bars back from the newest. Throws RangeError outside the window. */
  open(ago: number): number {
    return this.#at(this.#series.open, ago);
  }

  high(ago: number): number {
    return this.#at(this.#series.high, ago);
  }

  low(ago: number): number {
    return this.#at(this.#series.low, ago);
  }

  close(ago: number): number {
    return this.#at(this.#series.close, ago);
  }

  /** In 1e-8 coin. */
  volume(ago: number): bigint {
    return this.#at(this.#series.volume, ago);
  }

  #at<T>(column: ArrayLike<T>, ago: number): T {
    const value = ago >= 0 && ago < this.length ? column[this.#newest - ago] : undefined;
    if (value === undefined) throw new RangeError(`bar ${ago} back is outside a window of ${this.length}`);
    return value;
  }
}
