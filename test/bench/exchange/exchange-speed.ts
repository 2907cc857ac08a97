import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figure, Measurement } from '../bench.ts';
import { median } from '../statistics.ts';
import { type LoadJob, type LoadResult, type MemorySample, SPEED } from './load.ts';
import { canPin, type PinnedProcess, startPinned } from './pinned-process.ts';

const EXCHANGE = new URL('./served-exchange.ts', import.meta.url);
const GENERATOR = new URL('./load-generator.ts', import.meta.url);

const ORDERS_PER_SECOND = 2_000;
const CANDLES_PER_SECOND = 5_000;
const P99_MS = 15;
/** Of four requests about orders three create one. */
const REQUESTS_PER_ORDER = 4 / 3;
/** Connections that always have a request under way when the exchange shows all it can. */
const SATURATING_LINES = 64;
/** Enough that a request that is due finds a free one, also behind a pause of a tenth of a second. */
const PACED_LINES = 256;
/** Memory is flat when the last third of the orders finds no more than this share above the first. */
const FLAT_PERCENT = 10;

const MB = 1_000_000;

type Book = 'endless' | 'levels';

interface Amounts {
  readonly warmUp: number;
  readonly saturating: number;
  readonly pacedSeconds: number;
  /** The best of so many counts: others use the machine as well, and can only make it slower. */
  readonly rounds: number;
  readonly remembered: number;
  readonly rememberedAtOnce: number;
}

const WHOLE: Amounts = {
  warmUp: 8_000,
  saturating: 20_000,
  pacedSeconds: 10,
  rounds: 3,
  remembered: 300_000,
  rememberedAtOnce: 10_000,
};
const QUICK: Amounts = {
  warmUp: 4_000,
  saturating: 10_000,
  pacedSeconds: 4,
  rounds: 1,
  remembered: 15_000,
  rememberedAtOnce: 1_000,
};

/** What the paper exchange does in a second on one core, how quickly it answers, and what it holds for it. */
export async function measureExchangeSpeed(bench: Bench, book: Book): Promise<Measurement> {
  const amounts = bench.quick ? QUICK : WHOLE;
  const pins = canPin();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-bench-')));
  const running = new Set<PinnedProcess>();
  const start = (program: URL, args: readonly string[], core: number): PinnedProcess => {
    bench.signal.throwIfAborted();
    const started = startPinned(program, args, pins ? core : undefined);
    running.add(started);
    return started;
  };
  const openExchange = async () => {
    const began = performance.now();
    const exchange = start(EXCHANGE, [folder, book], 0);
    const { url } = await exchange.heard<{ url: string }>();
    return { exchange, url, seconds: (performance.now() - began) / 1_000 };
  };
  const endAll = () => Promise.all([...running].map((one) => one.kill()));
  const onAbort = () => void endAll();
  bench.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const first = await openExchange();
    const generator = start(GENERATOR, [], 1);
    let busiest = 0;
    const load = async (job: Omit<LoadJob, 'url'>): Promise<LoadResult> => {
      bench.signal.throwIfAborted();
      const { result } = await generator.ask<{ result: LoadResult }>({ ...job, url: first.url });
      if (job.perSecond === undefined) busiest = Math.max(busiest, result.busy);
      return result;
    };
    const say = (line: string) => bench.say(`exchange, book ${book}: ${line}`);

    const orders = await speedOf('orders', ORDERS_PER_SECOND * REQUESTS_PER_ORDER, { amounts, load, say });
    const candles = await speedOf('candles', CANDLES_PER_SECOND, { amounts, load, say });
    const samples = await memoryOver(amounts, { exchange: first.exchange, load, say });
    const disk = bytesIn(folder);
    await first.exchange.kill();
    const second = await openExchange();

    const finished = amounts.remembered.toLocaleString('en');
    const half = (perSecond: number) => (perSecond / 2).toLocaleString('en');
    return {
      title: `Paper exchange, book ${book}`,
      figures: [
        { name: 'orders answered 201', value: orders.created, unit: '/s', atLeast: ORDERS_PER_SECOND },
        { name: 'the same with cancellations', value: orders.answered, unit: '/s' },
        ...latencyFigures(`orders at ${half(ORDERS_PER_SECOND)}/s`, orders.paced),
        { name: 'candle requests, count=3', value: candles.answered, unit: '/s', atLeast: CANDLES_PER_SECOND },
        ...latencyFigures(`candles at ${half(CANDLES_PER_SECOND)}/s`, candles.paced),
        ...memoryFigures(samples),
        { name: `on disk after ${finished} more orders`, value: disk / MB, unit: 'MB' },
        { name: 'start on an empty folder', value: first.seconds, unit: 's' },
        { name: 'start on this one, after kill -9', value: second.seconds, unit: 's' },
      ],
      notes: [
        pins
          ? 'The exchange on one core, the load generator on the other (taskset), HTTP over 127.0.0.1 on kept connections.'
          : 'Nothing can be pinned to a core here: exchange and generator took what they were given.',
        `Speed ${SPEED}, calls not limited. By turns a market buy, a market sale, a limit that rests and the cancellation of one, each signed before the clock starts; every answer was 201 or 200, and on disk.`,
        `All it can: ${amounts.saturating.toLocaleString('en')} requests on ${SATURATING_LINES} connections, the best of ${amounts.rounds}. At a fixed rate, ${amounts.pacedSeconds} s: from the instant a request was due to the end of its answer, waiting for a connection included.`,
        `The generator used ${Math.round(busiest * 100)} % of its core at most when the exchange showed all it can.`,
        `Memory is read after a collection of garbage, ${samples.length} times over ${finished} orders that all end; medians of thirds. Flat: the last no more than ${FLAT_PERCENT} % above the first.`,
      ],
    };
  } finally {
    bench.signal.removeEventListener('abort', onAbort);
    await endAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Parts {
  readonly amounts: Amounts;
  readonly load: (job: Omit<LoadJob, 'url'>) => Promise<LoadResult>;
  readonly say: (line: string) => void;
}

/** @param target requests a second that the exchange should be able to answer. */
async function speedOf(kind: LoadJob['kind'], target: number, { amounts, load, say }: Parts) {
  await load({ kind, requests: amounts.warmUp, lines: SATURATING_LINES });
  let [created, answered] = [0, 0];
  for (let round = 0; round < amounts.rounds; round += 1) {
    const result = await load({ kind, requests: amounts.saturating, lines: SATURATING_LINES });
    created = Math.max(created, result.created / result.seconds);
    answered = Math.max(answered, amounts.saturating / result.seconds);
    say(`${kind}, ${Math.round(amounts.saturating / result.seconds)} requests/s`);
  }
  const perSecond = target / 2;
  const requests = Math.round(perSecond * amounts.pacedSeconds);
  let paced: LoadResult['latency'] | undefined;
  for (let round = 0; round < amounts.rounds; round += 1) {
    const { latency } = await load({ kind, requests, perSecond, lines: PACED_LINES });
    if (paced === undefined || latency.p99 < paced.p99) paced = latency;
    say(
      `${kind} at ${Math.round(perSecond)} requests/s: p50 ${latency.p50.toFixed(1)}, p99 ${latency.p99.toFixed(1)} ms`,
    );
  }
  if (paced === undefined) throw new Error('no round was measured');
  return { created, answered, paced };
}

async function memoryOver(
  { remembered, rememberedAtOnce }: Amounts,
  { exchange, load, say }: Omit<Parts, 'amounts'> & { readonly exchange: PinnedProcess },
): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  const requests = Math.round(rememberedAtOnce * REQUESTS_PER_ORDER);
  for (let created = 0; created < remembered; ) {
    created += (await load({ kind: 'orders', requests, lines: SATURATING_LINES })).created;
    const sample = await exchange.ask<MemorySample>({});
    samples.push(sample);
    say(`${created} orders, RSS ${Math.round(sample.rss / MB)} MB, heap ${Math.round(sample.heap / MB)} MB`);
  }
  return samples;
}

function latencyFigures(name: string, { p50, p99, slowest }: LoadResult['latency']): Figure[] {
  return [
    { name: `${name}, p50`, value: p50, unit: 'ms' },
    { name: `${name}, p99`, value: p99, unit: 'ms', atMost: P99_MS },
    { name: `${name}, slowest`, value: slowest, unit: 'ms' },
  ];
}

function memoryFigures(samples: readonly MemorySample[]): Figure[] {
  return (['rss', 'heap'] as const).flatMap((kind) => {
    const { first, last, growthPercent } = growthOf(samples.map((sample) => sample[kind]));
    const name = kind === 'rss' ? 'RSS' : 'heap and buffers';
    return [
      { name: `${name}, first third`, value: first / MB, unit: 'MB' },
      { name: `${name}, last third`, value: last / MB, unit: 'MB' },
      { name: `${name}, growth`, value: growthPercent, unit: '%', atMost: FLAT_PERCENT },
    ];
  });
}

/** The medians of the first and the last third, and how far the last is above the first. */
export function growthOf(values: readonly number[]): { first: number; last: number; growthPercent: number } {
  const third = Math.max(1, Math.floor(values.length / 3));
  const [first, last] = [median(values.slice(0, third)), median(values.slice(-third))];
  return { first, last, growthPercent: (last / first - 1) * 100 };
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
