import type { Market } from '../../../config/market.ts';
import { gridPrice } from '../../numbers/grid-price.ts';
import { hashAt, hashText, wanderPpm } from '../../numbers/noise.ts';
import { PRICE_DECIMALS, tradedValue, VOLUME_DECIMALS } from '../../numbers/scaled.ts';
import { type CandleSource, MINUTE_MS, type MinuteCandle } from './minute-candle.ts';

/** Where every simulated history begins: 2025-01-01T00:00:00Z. */
export const SIMULATED_ORIGIN = Date.UTC(2025, 0, 1);

/** KRW around which a market wanders; others get one from their name. */
const BASE_PRICES: Readonly<Record<string, bigint>> = {
  'KRW-BTC': 150_000_000n,
  'KRW-ETH': 6_000_000n,
  'KRW-XRP': 4_000n,
};
/** How often a minute has no trade. */
const IDLE_PER_MILLE = 30;
/** Minutes kept after being computed: a page of 200 costs 0.8 ms the first time and 0.1 ms from here. */
const CACHED_MINUTES = 4_096;

const STREAM = { idle: 100, above: 101, below: 102, turnover: 103 } as const;
const PRICE_UNIT = 10n ** BigInt(PRICE_DECIMALS);
const VOLUME_UNIT = 10n ** BigInt(VOLUME_DECIMALS);

/** A market that trades for ever, every minute a function of seed, market and minute alone. */
export function simulatedSource(market: Market, seed: number): CandleSource {
  const generator = hashText(`${seed}/${market}`);
  const base = (BASE_PRICES[market] ?? basePriceOf(market)) * PRICE_UNIT;
  const cache = new Map<number, MinuteCandle | undefined>();

  const isIdle = (minute: number): boolean => hashAt(generator, STREAM.idle, minute) % 1_000 < IDLE_PER_MILLE;
  const priceAt = (minute: number): bigint => (base * BigInt(1_000_000 + wanderPpm(generator, minute))) / 1_000_000n;

  const generate = (minute: number): MinuteCandle | undefined => {
    if (isIdle(minute)) return undefined;
    const open = gridPrice(priceAt(minute));
    const close = gridPrice(priceAt(minute + 1));
    const [upper, lower] = open > close ? [open, close] : [close, open];
    const beyond = (price: bigint, stream: number): bigint =>
      (price * BigInt(hashAt(generator, stream, minute) % 150)) / 1_000_000n;
    const high = gridPrice(upper + beyond(upper, STREAM.above), 'down');
    const low = gridPrice(lower - beyond(lower, STREAM.below), 'up');
    const turnoverKrw = BigInt(1_000_000 + (hashAt(generator, STREAM.turnover, minute) % 200_000_000));
    const volume = (turnoverKrw * PRICE_UNIT * VOLUME_UNIT) / close;
    const start = SIMULATED_ORIGIN + minute * MINUTE_MS;
    return { start, open, high, low, close, volume, value: tradedValue(close, volume) };
  };

  const candle = (minute: number): MinuteCandle | undefined => {
    if (minute < 0) return undefined;
    if (cache.has(minute)) return cache.get(minute);
    if (cache.size >= CACHED_MINUTES) cache.delete(cache.keys().next().value ?? minute);
    const generated = generate(minute);
    cache.set(minute, generated);
    return generated;
  };

  return {
    end: Number.POSITIVE_INFINITY,
    settlesAfterMs: 0,
    at: (start) => candle((start - SIMULATED_ORIGIN) / MINUTE_MS),
    *before(start) {
      for (let minute = Math.ceil((start - SIMULATED_ORIGIN) / MINUTE_MS) - 1; minute >= 0; minute -= 1) {
        const found = candle(minute);
        if (found !== undefined) yield found;
      }
    },
    closedCountReachedAt(count) {
      let minute = 0;
      for (let closed = 0; closed < count; minute += 1) if (!isIdle(minute)) closed += 1;
      return SIMULATED_ORIGIN + minute * MINUTE_MS;
    },
  };
}

/** Two digits and up to three zeros, picked by the name: 42, 310, 8,400, 67,000 won … */
function basePriceOf(market: Market): bigint {
  const hash = hashText(market);
  return BigInt(10 + (hash % 90)) * 10n ** BigInt(hash % 4);
}
