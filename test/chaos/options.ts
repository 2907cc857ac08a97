import { parseArgs } from 'node:util';
import { parseRunSpeed } from '../../config/speed.ts';
import { BROKEN_BUILDS, type BrokenBuild } from './broken-builds.ts';
import { MOST_MARKETS } from './market-files.ts';

const PHASES = ['crash-points', 'faults', 'halts', 'broken-builds'] as const;
export type Phase = (typeof PHASES)[number];

export interface ChaosOptions {
  readonly seed: number;
  /** Orders at their end under random faults. */
  readonly cycles: number;
  /** Of the bot with random faults. */
  readonly markets: number;
  /** Of the same, a divisor of 60. */
  readonly speed: number;
  readonly json: boolean;
  readonly broken: BrokenBuild | undefined;
  readonly only: Phase | undefined;
}

export const USAGE = `usage: npm run chaos -- [--seed N] [--cycles N] [--markets N] [--speed N] [--json] [--only PHASE] [--break FAULT]
  --seed N      another order of strikes, other faults, other prices (default 1)
  --cycles N    orders brought to their end under random faults (default 1000)
  --markets N   markets of the bot with random faults, 1 to ${MOST_MARKETS} (default 10)
  --speed N     its market seconds per second, a divisor of 60 (default 20, a candle every 3 s); less on a busy machine
  --json        the result as one JSON document; progress goes to stderr in any case
  --only PHASE  ${PHASES.join(', ')}; all but halts by default: 200 of those against killed parts take half an hour
  --break FAULT builds a fault in on purpose, and must end with 1: ${BROKEN_BUILDS.join(', ')}`;

/** @throws with a sentence for the person who typed it */
export function readOptions(args: readonly string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      cycles: { type: 'string', default: '1000' },
      markets: { type: 'string', default: '10' },
      speed: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      break: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  return {
    seed: wholeNumber('--seed', values.seed, 0, 999_999_999),
    cycles: wholeNumber('--cycles', values.cycles, 1, 1_000_000),
    markets: wholeNumber('--markets', values.markets, 1, MOST_MARKETS),
    speed: parseRunSpeed(values.speed),
    json: values.json,
    only: oneOf('--only', values.only, PHASES),
    broken: oneOf('--break', values.break, BROKEN_BUILDS),
  };
}

function oneOf<T extends string>(name: string, text: string | undefined, all: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = all.find((one) => one === text);
  if (found === undefined) throw new Error(`${name} "${text}" must be one of ${all.join(', ')}`);
  return found;
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`${name} "${text}" must be a whole number, ${least} to ${most}`);
}
