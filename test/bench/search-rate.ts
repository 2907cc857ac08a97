import { search } from '../../activities/optimization/search.ts';
import { openSearchThread, searchThreads } from '../../activities/optimization/search-thread.ts';
import { REFERENCE_SPACE } from '../../backtest/search-space.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';
import { randomBars } from '../support/random-bars.ts';
import type { Bench, Figure, Measurement } from './bench.ts';
import { median } from './statistics.ts';

const THREAD = new URL('../../workers/search-thread.ts', import.meta.url);
const CLOSES = [1_000, 10_000] as const;
/** Candles that only fill the window of the first decision. */
const BEFORE = 199;

/** How quickly the reference space is searched, outside a bot: threads and arithmetic alone. */
export async function measureSearchRate(bench: Bench): Promise<Measurement> {
  const rounds = bench.quick ? 1 : 5;
  const configured = searchThreads();
  const figures: Figure[] = [];
  let distinct: readonly string[] = [];
  for (const closes of CLOSES) {
    for (const threads of new Set([1, configured])) {
      const { seconds, candidates, acting } = await searchOnce(bench, { closes, threads, rounds });
      const name = `${closes.toLocaleString('en')} closes, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      bench.say(`search of ${name}: ${seconds.toFixed(2)} s`);
      figures.push({ name: `${name}: whole search`, value: seconds, unit: 's' });
      figures.push({ name, value: candidates / seconds, unit: 'candidates/s' });
      distinct = [...distinct.filter((text) => !text.endsWith(` ${closes}`)), `${acting} on ${closes}`];
    }
  }
  return {
    title: 'Optimizer, search alone',
    figures,
    notes: [
      `Medians of ${rounds} searches of a random walk, each with threads of its own, started in the figure. The optimizer uses ${configured} here: all cores but one.`,
      `Candidates that act alike are simulated once (act differently: ${distinct.join(', ')}); all 30,030 count.`,
    ],
  };
}

async function searchOnce(
  bench: Bench,
  { closes, threads, rounds }: { readonly closes: number; readonly threads: number; readonly rounds: number },
) {
  const job = {
    bars: randomBars(closes + BEFORE, 1, 100_000_000, 8_000),
    decidedFrom: BEFORE,
    terms: { ...DEFAULT_SIZING, initialCash: '10000000' },
    space: REFERENCE_SPACE,
  };
  const times: number[] = [];
  let candidates = 0;
  let acting = 0;
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const found = await search(job, {
      threads: Array.from({ length: threads }, () => openSearchThread(THREAD)),
      earlier: undefined,
      tell: () => undefined,
      signal: bench.signal,
    });
    times.push((performance.now() - began) / 1_000);
    ({ candidates, distinct: acting } = found);
  }
  return { seconds: median(times), candidates, acting };
}
