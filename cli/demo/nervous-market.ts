import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from 'decimal.js';
import { hashAt, hashText } from '../../exchange/numbers/noise.ts';
import { roundDownToTick } from '../../strategy/tick-size.ts';

/** Where the invented prices start, KRW. */
const BASE_PRICES = { BTC: '150000000', ETH: '6000000', XRP: '4000' } as const;

/** 200 of them have closed when the exchange opens; at a candle a second the rest lasts a quarter of an hour. */
const MINUTES = 1_100;
const FIRST_MINUTE = Date.UTC(2025, 0, 1);

const STREAM = { turn: 0, step: 1, idle: 2, volume: 3 } as const;
/** Longest stretch in one direction, minutes. */
const LONGEST_RUN = 3;
/** One minute in so many has no trade. */
const IDLE_ONE_IN = 25;

/**
 * Writes candle files of markets that change their mind every minute or three, by 0.15 to 0.3 %: the six strategies turn
 * with them, so that there is an order to kill something at every second or so.
 *
 * @param seed the same seed, the same prices
 * @returns the files
 */
export function writeNervousMarkets(folder: string, seed: number): string[] {
  return Object.entries(BASE_PRICES).map(([coin, base]) => {
    const path = join(folder, `${coin}_KRW_1m.csv`);
    const rows = minutes(hashText(`${seed}/${coin}`), new Decimal(base));
    writeFileSync(path, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
    return path;
  });
}

function minutes(generator: number, base: Decimal): string[] {
  const rows: string[] = [];
  let open = base;
  let left = 0;
  let rises = false;
  for (let minute = 0; minute < MINUTES; minute += 1) {
    if (left === 0) {
      rises = !rises;
      left = 1 + (hashAt(generator, STREAM.turn, minute) % LONGEST_RUN);
    }
    left -= 1;
    if (hashAt(generator, STREAM.idle, minute) % IDLE_ONE_IN === 0) continue;
    const partsPerMillion = 1_500 + (hashAt(generator, STREAM.step, minute) % 1_500);
    // Back towards the base a little faster than away from it, so that it never drifts off.
    const homewards = rises === open.lt(base) ? 1.2 : 1;
    const change = open.times(partsPerMillion).times(homewards).div(1_000_000);
    const close = roundDownToTick(rises ? open.plus(change) : open.minus(change));
    const [low, high] = open.lt(close) ? [open, close] : [close, open];
    const volume = new Decimal(1 + (hashAt(generator, STREAM.volume, minute) % 1_000_000)).div(10_000);
    const time = new Date(FIRST_MINUTE + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');
    rows.push([time, open.toFixed(), high.toFixed(), low.toFixed(), close.toFixed(), volume.toFixed()].join(','));
    open = close;
  }
  return rows;
}
