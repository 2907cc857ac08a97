import type { PGlite } from '@electric-sql/pglite';
import { resumeTrading } from '../../db/trading-state.ts';
import { ACCOUNT } from './bot.ts';
import { planCandle, startReconcile } from './candle-plan.ts';
import { checkHistory } from './check.ts';
import { emptyDatabase } from './database.ts';
import type { StruckFault } from './faults.ts';
import { Happenings } from './happenings.ts';
import { MINUTE } from './market.ts';
import { GIVEN_KRW, openScene, type Scene, type SceneOptions } from './scene.ts';
import { VIRTUAL_START } from './virtual-time.ts';

export interface HistoryOptions extends SceneOptions {
  /** Candles during which faults strike; as the seed says when absent. */
  readonly candles?: number;
}

export interface HistoryResult {
  readonly seed: number;
  /** Candles during which faults struck. */
  readonly candles: number;
  /** Orders that were decided on and brought to their end. */
  readonly orders: number;
  /** Halts after which it was looked whether anything was sent, and halts that failed on their way. */
  readonly halts: { readonly checked: number; readonly failed: number };
  /** What must never be, and is. */
  readonly violations: readonly string[];
  readonly story: readonly string[];
  readonly struck: readonly StruckFault[];
  /** Of everything that happened, in order. */
  readonly digest: string;
}

/** Candles without faults, in which the bot goes on. */
const CALM_CANDLES = 4;
/** A day of market time after which a lost order is given up, and a little more. */
const A_DAY_LATER = 25 * 60 * MINUTE;
/** Runs that find what is left after that. */
const LAST_LOOKS = 4;

/** One life of a bot and its surroundings, from a seed; nothing in it depends on anything else. */
export async function runHistory(postgres: PGlite, options: HistoryOptions): Promise<HistoryResult> {
  await emptyDatabase(postgres);
  const stray: string[] = [];
  // A worker would die of one.
  const noteStray = (error: unknown) => stray.push(`nobody handled ${error instanceof Error ? error.stack : error}`);
  process.on('unhandledRejection', noteStray);
  try {
    return await live(postgres, options, stray);
  } finally {
    process.off('unhandledRejection', noteStray);
  }
}

async function live(postgres: PGlite, options: HistoryOptions, stray: readonly string[]): Promise<HistoryResult> {
  const scene = await openScene(postgres, options);
  const { seed, time, chance, faults, story, intervalMs } = scene.world;
  const candles = options.candles ?? 24 + Math.floor(chance.of('candles') * 24);
  const markets = [...scene.feeds.keys()];
  story.tell(`seed ${seed}: ${markets.join(', ')}, a candle every ${intervalMs} ms, ${candles} of them`);
  const happenings = new Happenings(scene);
  scene.world.halt = (step) => happenings.halt(step);

  scene.startTrader();
  for (let n = 0; n < candles + CALM_CANDLES; n += 1) {
    if (n === candles) {
      faults.over = true;
      story.tell('nothing goes wrong any more');
    }
    planCandle(scene, n);
    if (n < candles) happenings.disturb(n);
    await time.pass(VIRTUAL_START + (n + 1) * intervalMs);
  }
  await comeToRest(scene);

  const { halts, failedHalts, owner } = happenings;
  const checked = await checkHistory(postgres, { exchange: scene.exchange, owner, halts, given: GIVEN_KRW, markets });
  const violations = [...checked.violations, ...stray];
  for (const violation of violations) story.tell(`VIOLATION ${violation}`);
  return {
    ...{ seed, candles, orders: checked.orders, violations },
    halts: { checked: halts.length, failed: failedHalts },
    ...{ story: story.lines, struck: faults.struck, digest: story.digest() },
  };
}

/** No new candles: what runs comes to its end, what is lost is given up after its day. */
async function comeToRest(scene: Scene): Promise<void> {
  const { world, temporal, calm } = scene;
  const { time, story, intervalMs } = world;
  const isQuiet = () => !temporal.busy;
  await time.pass(time.now + MINUTE + 3 * intervalMs);
  await time.pass(time.now + 2 * MINUTE, isQuiet);
  await scene.calmly('resume', () => resumeTrading(calm.db, ACCOUNT, 'simulated'));
  story.tell('a day passes');
  await time.pass(time.now + (A_DAY_LATER * intervalMs) / MINUTE);
  for (let look = 0; look < LAST_LOOKS; look += 1) {
    startReconcile(scene, 1_000_000 + look);
    await time.pass(time.now + 5 * MINUTE, isQuiet);
    // Longer than one comparison keeps the next one off.
    await time.pass(time.now + 11_000);
  }
}
