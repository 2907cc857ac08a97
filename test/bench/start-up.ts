import type { Bench, Measurement } from './bench.ts';
import { type BenchBot, MARKET, openBenchFolder, SPEED } from './bench-bot.ts';
import { watchCandles } from './candle-watch.ts';
import { learnCloseInstants } from './market-time.ts';
import { median } from './statistics.ts';

/** What a newcomer waits for at most. */
const READY_WITHIN_S = 15;
const FIRST_CANDLE_WITHIN_S = 5;

interface Start {
  readonly readyS: number;
  readonly firstCandleS: number;
  readonly steps: BenchBot['steps'];
}

/** How long a person waits for a running bot: in an empty directory, and in one that has run before. */
export async function measureStartUp(bench: Bench): Promise<Measurement> {
  const rounds = bench.quick ? 1 : 3;
  const first: Start[] = [];
  const second: Start[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const folder = await openBenchFolder(bench);
    try {
      for (const [kind, starts] of [['first', first] as const, ['second', second] as const]) {
        const start = await startOnce(bench, await folder.start());
        starts.push(start);
        const { readyS, firstCandleS } = start;
        bench.say(
          `${kind} start ${round} of ${rounds}: ready ${readyS.toFixed(1)} s, candle ${firstCandleS.toFixed(1)} s`,
        );
      }
    } finally {
      folder.remove();
    }
  }
  const ready = (starts: readonly Start[]) => median(starts.map((start) => start.readyS));
  const firstCandle = median([...first, ...second].map((start) => start.firstCandleS));
  return {
    title: 'Start-up',
    figures: [
      { name: 'first start: command to ready', value: ready(first), unit: 's', atMost: READY_WITHIN_S },
      { name: 'second start: command to ready', value: ready(second), unit: 's', atMost: READY_WITHIN_S },
      { name: 'ready to first new candle stored', value: firstCandle, unit: 's', atMost: FIRST_CANDLE_WITHIN_S },
    ],
    breakdown: Object.keys(first[0]?.steps ?? {}).map((step) => ({
      step,
      'first start, s': median(first.map(({ steps }) => steps[step] ?? 0)),
      'second start, s': median(second.map(({ steps }) => steps[step] ?? 0)),
    })),
    notes: [
      `Medians of ${rounds} first and ${rounds} second starts of "durabit up", simulated feed, speed ${SPEED}.`,
      'A first start has an empty data directory (initdb, workflow bundling) and no compiled TypeScript in the cache.',
      'A new candle is one whose minute ends after ready; at this speed up to a second of it is waiting for that end.',
      'Steps overlap: servers start together, workers wait for them, schedules for the workers.',
    ],
  };
}

async function startOnce(bench: Bench, bot: BenchBot): Promise<Start> {
  try {
    const closesAt = await learnCloseInstants({ url: bot.instance.exchangeUrl, speed: SPEED, market: MARKET });
    let firstCandleAt = Number.NaN;
    await watchCandles(bench, bot, ({ ts, visibleAt }) => {
      if (closesAt(ts) <= bot.readyAt) return false;
      firstCandleAt = visibleAt;
      return true;
    });
    return {
      readyS: bot.readyAfterMs / 1_000,
      firstCandleS: (firstCandleAt - bot.readyAt) / 1_000,
      steps: bot.steps,
    };
  } finally {
    await bot.stop();
  }
}
