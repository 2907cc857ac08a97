import type { PGlite } from '@electric-sql/pglite';
import { AS_IT_IS, BROKEN_BUILDS } from './builds.ts';
import { runHistory } from './history.ts';
import { realMs } from './simulate.ts';

/** Seeds within which every broken build has to be found: the one found least is found by one seed in fifteen. */
const MOST_SEEDS = 100;
/** Short histories in which much goes wrong where orders are sent: what a broken build does is then seen soon. */
const ROUGH = { candles: 10, intensity: 1, onOrders: 5 };
/** Order cycles of the bot as it is in which nothing may be found. */
const CYCLES = 40;
/** Seeds that find a broken build which the first ones do not: tried first, which halves the time of the whole test. */
const TRIED_FIRST: Readonly<Record<string, number>> = {
  'makes up an identifier for every retry': 3,
  'believes a 404 at once': 2,
  'takes a 429 for a refusal': 2,
  'takes a reset connection for one that never was': 2,
  'reads fills by a window of time': 2,
  'halts by a flag alone': 11,
};

export interface Proof {
  /** Whether a seed told the same story twice, byte for byte. */
  readonly repeats: boolean;
  /** What was found in the bot as it is. */
  readonly asItIs: { readonly cycles: number; readonly halts: number; readonly violations: readonly string[] };
  /** By broken build: the seed that found it and by what; null where none of them did. */
  readonly found: Readonly<Record<string, { readonly seed: number; readonly by: string } | null>>;
  readonly passed: boolean;
  readonly text: string;
}

/** Proves the simulator itself: the same seed is the same history, and every deliberate fault is found. */
export async function selfTest(postgres: PGlite, progress: (line: string) => void): Promise<Proof> {
  const began = realMs();
  const say = (line: string) => progress(`${((realMs() - began) / 1_000).toFixed(1)} s: ${line}`);
  const violations: string[] = [];
  const digests: string[] = [];
  let [cycles, halts] = [0, 0];
  for (let seed = 1; cycles < CYCLES; seed += 1) {
    const result = await runHistory(postgres, { seed, build: AS_IT_IS });
    cycles += result.orders;
    halts += result.halts.checked;
    violations.push(...result.violations);
    digests.push(result.digest);
  }
  say(`${cycles} order cycles of the bot as it is, ${halts} halts checked, ${violations.length} violations`);
  const again = await runHistory(postgres, { seed: 1, build: AS_IT_IS });
  const repeats = again.digest === digests[0];
  const found: Record<string, { seed: number; by: string } | null> = {};
  for (const [name, build] of Object.entries(BROKEN_BUILDS)) {
    found[name] = null;
    for (const seed of seedsFor(name)) {
      const [by] = (await runHistory(postgres, { seed, build, ...ROUGH })).violations;
      if (by === undefined) continue;
      found[name] = { seed, by };
      break;
    }
    say(`a bot that ${name}: ${found[name]?.by ?? 'not found'}`);
  }
  const passed = repeats && halts > 0 && violations.length === 0 && Object.values(found).every((one) => one !== null);
  const text = [
    `the same seed ${repeats ? 'tells the same story' : 'TELLS ANOTHER STORY'} again`,
    `as it is: ${violations.length} violations in ${cycles} order cycles, ${halts} halts checked`,
    ...Object.entries(found).map(([name, one]) =>
      one === null ? `${name}: NOT FOUND in ${MOST_SEEDS} seeds` : `${name}: found by seed ${one.seed} (${one.by})`,
    ),
  ].join('\n');
  return { repeats, asItIs: { cycles, halts, violations }, found, passed, text };
}

function seedsFor(name: string): readonly number[] {
  const first = TRIED_FIRST[name] ?? 1;
  const others = Array.from({ length: MOST_SEEDS }, (_, index) => index + 1).filter((seed) => seed !== first);
  return [first, ...others];
}
