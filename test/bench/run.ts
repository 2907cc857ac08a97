/**
 * What `npm run bench` runs: measures the bot as a person runs it, on this machine, and prints what it found. It is not a
 * test: a figure over its target is marked, and the exit code stays 0. Everything it starts lives in folders and on ports
 * of its own and is gone when it ends.
 *
 * `--json`: one document on stdout. `--quick`: seven minutes instead of 26, to see that it works. `--only exchange`: a part
 * alone; more of them with more `--only`.
 */
import { parseArgs } from 'node:util';
import { renderJson } from '../../cli/output.ts';
import { type Bench, type Measurement, wait } from './bench.ts';
import { type BenchBot, type BenchFolder, openBenchFolder } from './bench-bot.ts';
import { measureCollectionLatency } from './collection-latency.ts';
import { diskGrowth } from './disk-growth.ts';
import { readDisk } from './disk-reading.ts';
import { measureExchangeSpeed } from './exchange/exchange-speed.ts';
import { measureFeedModes } from './feed-modes.ts';
import { describeMachine, loadAverage } from './machine.ts';
import { measureMemory } from './memory.ts';
import { measureOrderLatency } from './order-latency.ts';
import { type Report, renderReport, withMarks } from './report.ts';
import { measureSearchBesideTrading } from './search-beside-trading.ts';
import { measureSearchRate } from './search-rate.ts';
import { measureStartUp } from './start-up.ts';
import { measureUpsertRate } from './upsert-rate.ts';

/** By the names `--only` takes, in the order in which they run. */
const PARTS: Readonly<Record<string, (bench: Bench) => Promise<Measurement[]>>> = {
  'start-up': async (bench) => [await measureStartUp(bench)],
  running: measureRunning,
  'order-latency': async (bench) => [await inOwnFolder(bench, (folder) => measureOrderLatency(bench, folder))],
  upsert: async (bench) => [await measureUpsertRate(bench)],
  search: async (bench) => [await measureSearchRate(bench)],
  'search-beside-trading': async (bench) => [
    await inOwnFolder(bench, (folder) => measureSearchBesideTrading(bench, folder)),
  ],
  'feed-modes': async (bench) => [await measureFeedModes(bench)],
  exchange: async (bench) => [
    await measureExchangeSpeed(bench, 'endless'),
    await measureExchangeSpeed(bench, 'levels'),
  ],
};

const options = readOptions();
const interrupted = new AbortController();
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(event, () => interrupted.abort());
// The channel to the door must not keep a finished run alive.
process.channel?.unref();

try {
  const report = await measure(createBench());
  console.log(options.json ? renderJson(withMarks(report)) : renderReport(report));
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  console.error('interrupted; everything it had started is stopped and removed.');
  process.exitCode = 130;
}

function readOptions(): { json: boolean; quick: boolean; only: readonly string[] } {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { json, quick, only } = parseArgs({
      options: { json: flag, quick: flag, only: { type: 'string', multiple: true } },
    }).values;
    const unknown = only?.find((name) => !(name in PARTS));
    if (unknown !== undefined) throw new Error(`there is no part ${unknown}`);
    return { json, quick, only: only ?? Object.keys(PARTS) };
  } catch (error) {
    const parts = Object.keys(PARTS).join(' | ');
    console.error(
      `bench: ${(error as Error).message}\nusage: npm run bench -- [--quick] [--json] [--only ${parts}]...`,
    );
    process.exit(2);
  }
}

async function measure(bench: Bench): Promise<Report> {
  const date = new Date().toISOString().slice(0, 10);
  const before = loadAverage();
  const measurements: Measurement[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (options.only.includes(name)) measurements.push(...(await part(bench)));
  }
  const load = { before, after: loadAverage() };
  return { date, quick: bench.quick, machine: describeMachine(), load, measurements };
}

/** One bot: what a first start of it holds in memory, then, started again, watched from several sides. */
async function measureRunning(bench: Bench): Promise<Measurement[]> {
  const { quick } = bench;
  return inOwnFolder(bench, async (folder) => {
    const memory = await whileRunning(folder, async (bot) => {
      await wait(bench, 'first start, memory', quick ? 10 : 60);
      return measureMemory(bot, 'first start');
    });
    return await whileRunning(folder, async (bot) => {
      await wait(bench, 'second start, warm-up', quick ? 5 : 30);
      const before = await readDisk(bot);
      const latency = await measureCollectionLatency(bench, bot);
      const after = await readDisk(bot);
      return [latency, memory, measureMemory(bot, 'second start'), diskGrowth(before, after)];
    });
  });
}

async function inOwnFolder<Result>(bench: Bench, work: (folder: BenchFolder) => Promise<Result>): Promise<Result> {
  const folder = await openBenchFolder(bench);
  try {
    return await work(folder);
  } finally {
    folder.remove();
  }
}

async function whileRunning<Result>(folder: BenchFolder, work: (bot: BenchBot) => Promise<Result>): Promise<Result> {
  const bot = await folder.start();
  try {
    return await work(bot);
  } finally {
    await bot.stop();
  }
}

function createBench(): Bench {
  const began = performance.now();
  return {
    quick: options.quick,
    signal: interrupted.signal,
    say: (line) => console.error(`bench ${((performance.now() - began) / 1_000).toFixed(0).padStart(3)} s | ${line}`),
  };
}
