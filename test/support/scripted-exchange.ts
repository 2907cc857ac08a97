import type { CandlePage, CandleRequest, MarketDataExchange } from '../../exchange/port.ts';
import type { Candle } from '../../strategy/candle.ts';
import { candleAt, MINUTE, minute } from './candles.ts';

/**
 * Candles under a test's full control, answered by Upbit's rules: newest first, the forming one included, `to`
 * exclusive, at most 200, no candle for a minute without trades, whole seconds of clock.
 */
export class ScriptedExchange implements MarketDataExchange {
  /** Market time in seconds after minute 0. */
  clockSeconds = 0;
  /** Requests answered so far. */
  requests: CandleRequest[] = [];
  /** The list stands still: candles of this minute and later are not shown. */
  standsStillFrom = Number.POSITIVE_INFINITY;
  /** How many of the next requests are answered with an empty list. */
  emptyAnswers = 0;
  /** Thrown by the next requests, oldest first. */
  readonly failures: Error[] = [];
  readonly #candles = new Map<number, { candle: Candle; visibleFrom: number }>();

  /** Puts a candle on minute `n`; visible from its open, or from `visibleFrom` seconds on. Again: corrects it. */
  trade(n: number, changes: Partial<Candle> = {}, visibleFrom = n * 60): void {
    this.#candles.set(n, { candle: candleAt(n, changes), visibleFrom });
  }

  /** What a perfect record holds for minutes `from` to `until`, exclusive, oldest first. */
  truth(from: number, until: number): Candle[] {
    return [...this.#candles.entries()]
      .filter(([n, { visibleFrom }]) => n >= from && n < until && visibleFrom <= this.clockSeconds)
      .sort(([a], [b]) => a - b)
      .map(([, { candle }]) => candle);
  }

  async listMarkets(): Promise<readonly string[]> {
    return ['KRW-BTC'];
  }

  async fetchMinuteCandles(_market: string, request: CandleRequest): Promise<CandlePage> {
    this.requests.push(request);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const forming = Math.floor(this.clockSeconds / 60);
    const until = request.to === undefined ? forming + 1 : Math.ceil((request.to - minute(0)) / MINUTE);
    const shown = this.truth(Number.NEGATIVE_INFINITY, Math.min(until, forming + 1, this.standsStillFrom));
    const candles = (this.emptyAnswers-- > 0 ? [] : shown).reverse().slice(0, Math.min(200, request.count));
    return { candles, exchangeClock: minute(0) + Math.floor(this.clockSeconds) * 1_000 };
  }
}
