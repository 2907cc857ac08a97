import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from 'decimal.js';
import { hashAt, hashText } from '../../exchange/numbers/noise.ts';
import { roundDownToTick, roundUpToTick } from '../../strategy/tick-size.ts';

/** Where the invented prices start, KRW; as many markets as there are coins. */
const BASE_PRICES: readonly (readonly [coin: string, krw: string])[] = [
  ['BTC', '150000000'],
  ['ETH', '6000000'],
  ['XRP', '4000'],
  ['SOL', '300000'],
  ['ADA', '1200'],
  ['LINK', '30000'],
  ['DOT', '8000'],
  ['AVAX', '45000'],
  ['ATOM', '9000'],
  ['NEAR', '5000'],
];

export const MOST_MARKETS = BASE_PRICES.length;

const FIRST_MINUTE = Date.UTC(2025, 0, 1);
const STREAM = { turn: 0, step: 1, idle: 2, leap: 3 } as const;
/** Longest stretch in one direction, minutes. */
const LONGEST_RUN = 3;
/** One minute in so many has no trade. */
const IDLE_ONE_IN = 40;
/** One minute in so many opens away from the last close, further than an order's limit allows for: orders rest. */
const LEAP_ONE_IN = 4;

/**
 * When there are prices: in stretches, each a day and an hour behind the one before. Orders that are not found are given
 * up after a day, which a run leaps over: what nobody lives through needs no prices, and costs no start of the exchange.
 */
export interface Stretches {
  readonly minutes: number;
  readonly count: number;
}

const BETWEEN_MINUTES = 25 * 60;
const MINUTE_MS = 60_000;

/** The instant at which the next stretch begins, more than a day after one within a stretch. Epoch ms. */
export function nextStretch(instant: number, { minutes, count }: Stretches): number {
  const period = (minutes + BETWEEN_MINUTES) * MINUTE_MS;
  const next = Math.floor((instant - FIRST_MINUTE) / period) + 1;
  if (next >= count) throw new Error(`the invented prices end with the ${count}th stretch: no day is left to pass`);
  return FIRST_MINUTE + next * period;
}

/**
 * Writes candle files of markets that turn every minute to three, so that half of the decisions are orders, and that
 * leap now and then, so that some of these orders rest, fill late or are cancelled.
 *
 * @param seed the same seed, the same prices
 * @returns the files
 */
export function writeLeapingMarkets(
  folder: string,
  { seed, markets, stretches }: { readonly seed: number; readonly markets: number; readonly stretches: Stretches },
): string[] {
  return BASE_PRICES.slice(0, markets).map(([coin, base]) => {
    const path = join(folder, `${coin}_KRW_1m.csv`);
    const rows = minuteRows(hashText(`${seed}/${coin}`), new Decimal(base), stretches);
    writeFileSync(path, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
    return path;
  });
}

function minuteRows(generator: number, base: Decimal, { minutes, count }: Stretches): string[] {
  const rows: string[] = [];
  let last = base;
  let left = 0;
  let rises = false;
  for (let minute = 0; minute < minutes * count; minute += 1) {
    if (left === 0) {
      rises = !rises;
      left = 1 + (hashAt(generator, STREAM.turn, minute) % LONGEST_RUN);
    }
    left -= 1;
    if (hashAt(generator, STREAM.idle, minute) % IDLE_ONE_IN === 0) continue;
    // Back towards the base a little faster than away from it, so that it never drifts off.
    const homewards = rises === last.lt(base) ? 1.2 : 1;
    const move = (parts: number): Decimal => last.times(parts).times(homewards).div(1_000_000);
    const leaps = hashAt(generator, STREAM.leap, minute) % LEAP_ONE_IN === 0;
    const away = move(leaps ? 4_000 : 0);
    const step = move(1_500 + (hashAt(generator, STREAM.step, minute) % 1_500));
    // Away from where it comes from in both directions: rounding one way alone would carry a cheap coin off to nothing.
    const open = rises ? roundUpToTick(last.plus(away)) : roundDownToTick(last.minus(away));
    const close = rises ? roundUpToTick(open.plus(step)) : roundDownToTick(open.minus(step));
    const [low, high] = open.lt(close) ? [open, close] : [close, open];
    const passed = minute + Math.floor(minute / minutes) * BETWEEN_MINUTES;
    const time = new Date(FIRST_MINUTE + passed * MINUTE_MS).toISOString();
    rows.push(
      [
        time.slice(0, 19).replace('T', ' '),
        open.toFixed(),
        high.toFixed(),
        low.toFixed(),
        close.toFixed(),
        '12.5',
      ].join(','),
    );
    last = close;
  }
  return rows;
}
