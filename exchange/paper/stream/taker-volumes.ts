import { type CandleSource, DAY_MS, MINUTE_MS } from '../feed/minute-candle.ts';
import { tradesSince } from './trades-since.ts';

interface Volumes {
  readonly ask: bigint;
  readonly bid: bigint;
}

/** What sellers and buyers took, in volume units, of the UTC day that starts at `day`, until `now` (epoch ms). */
export type TakerVolumes = (day: number, now: number) => Volumes;

/** Adds each minute of the day up once: a whole day is 28,800 trades. */
export function createTakerVolumes(source: CandleSource): TakerVolumes {
  let sum = { day: Number.NaN, until: 0, ask: 0n, bid: 0n };
  return (day, now) => {
    if (sum.day !== day || now < sum.until) sum = { day, until: day, ask: 0n, bid: 0n };
    const settled = Math.floor((now - source.settlesAfterMs) / MINUTE_MS) * MINUTE_MS;
    const until = Math.min(settled, day + DAY_MS);
    if (until > sum.until) sum = { day, until, ...added(sum, source, sum.until, until - 1) };
    return added(sum, source, sum.until, Math.min(now, day + DAY_MS - 1));
  };
}

/** Adds the trades from `from` to `to`, both included. */
function added({ ask, bid }: Volumes, source: CandleSource, from: number, to: number): Volumes {
  let [asks, bids] = [ask, bid];
  for (const trade of tradesSince(source, from - 1, to)) {
    if (trade.taker === 'ask') asks += trade.volume;
    else bids += trade.volume;
  }
  return { ask: asks, bid: bids };
}
