import { decimalText, PRICE_DECIMALS, VALUE_DECIMALS, VOLUME_DECIMALS } from '../../numbers/scaled.ts';
import { BigintColumn } from './bigint-column.ts';
import { type CandleSource, MINUTE_MS, type MinuteCandle } from './minute-candle.ts';

/** A candle as exact decimal text, prices and value in KRW, volume in coins. */
export interface CandleText {
  /** Epoch ms UTC. */
  readonly start: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly value: string;
}

/** Recorded minutes in ascending order, kept as columns: 142,800 rows take 10 MB this way and 60 MB as objects. */
export class ReplaySeries implements CandleSource {
  readonly settlesAfterMs = 0;
  readonly #starts: number[] = [];
  readonly #open = new BigintColumn();
  readonly #high = new BigintColumn();
  readonly #low = new BigintColumn();
  readonly #close = new BigintColumn();
  readonly #volume = new BigintColumn();
  readonly #value = new BigintColumn();

  get length(): number {
    return this.#starts.length;
  }

  get end(): number {
    return (this.#starts.at(-1) ?? Number.NEGATIVE_INFINITY) + MINUTE_MS;
  }

  /** Appends a candle; the caller has checked that it is newer than the last. */
  push(candle: MinuteCandle): void {
    this.#starts.push(candle.start);
    this.#open.push(candle.open);
    this.#high.push(candle.high);
    this.#low.push(candle.low);
    this.#close.push(candle.close);
    this.#volume.push(candle.volume);
    this.#value.push(candle.value);
  }

  /** The candle at `index`, 0 being the oldest. */
  get(index: number): MinuteCandle | undefined {
    const start = this.#starts[index];
    if (start === undefined) return undefined;
    return {
      start,
      open: this.#open.at(index),
      high: this.#high.at(index),
      low: this.#low.at(index),
      close: this.#close.at(index),
      volume: this.#volume.at(index),
      value: this.#value.at(index),
    };
  }

  at(start: number): MinuteCandle | undefined {
    const index = this.#firstNotBefore(start);
    return this.#starts[index] === start ? this.get(index) : undefined;
  }

  *before(start: number): Iterable<MinuteCandle> {
    for (let index = this.#firstNotBefore(start) - 1; index >= 0; index -= 1) {
      const candle = this.get(index);
      if (candle !== undefined) yield candle;
    }
  }

  closedCountReachedAt(count: number): number | undefined {
    const start = this.#starts[count - 1];
    return start === undefined ? undefined : start + MINUTE_MS;
  }

  /** Oldest first, as decimal text. */
  *[Symbol.iterator](): Iterator<CandleText> {
    for (let index = 0; index < this.length; index += 1) {
      const candle = this.get(index);
      if (candle !== undefined) yield candleText(candle);
    }
  }

  #firstNotBefore(start: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function candleText(candle: MinuteCandle): CandleText {
  return {
    start: candle.start,
    open: decimalText(candle.open, PRICE_DECIMALS),
    high: decimalText(candle.high, PRICE_DECIMALS),
    low: decimalText(candle.low, PRICE_DECIMALS),
    close: decimalText(candle.close, PRICE_DECIMALS),
    volume: decimalText(candle.volume, VOLUME_DECIMALS),
    value: decimalText(candle.value, VALUE_DECIMALS),
  };
}
