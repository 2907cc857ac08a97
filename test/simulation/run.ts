/**
 * What `npm run simulate` runs: lives of the bot under a virtual clock, one after the other, until so many orders have gone
 * from decision to end. At the first life in which something is that must never be it stops, looks for the shortest form
 * of it, tells that, and ends with 1.
 *
 * `--jobs N`: in N processes at once. Interrupted, it ends after the life it is in and tells its sums so far.
 *
 * `--self-test`: proves instead that it would find something (`self-test.ts`). `--story`: tells every life.
 */
import { parseArgs } from 'node:util';
import './install.ts';

const { AS_IT_IS, BROKEN_BUILDS } = await import('./builds.ts');
const { prepareDatabase } = await import('./database.ts');
const { runHistory } = await import('./history.ts');
const { livesOneByOne, livesSideBySide, liveWhatIsSent } = await import('./lives.ts');
const { simulate } = await import('./simulate.ts');
const { selfTest } = await import('./self-test.ts');

const options = readOptions();
const INTERRUPTED = 130;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // What a job should do when interrupted, its parent tells it.
    if (!options.job) stop.abort();
  });
}
process.exitCode = await act();
// PGlite keeps what it opened until the process ends.
process.exit();

async function act(): Promise<number> {
  if (options.job) return workForParent();
  // The channel to the door must not keep a finished run alive.
  process.channel?.unref();
  return options.selfTest ? proveItself() : run();
}

async function workForParent(): Promise<number> {
  const postgres = await prepareDatabase();
  await liveWhatIsSent((seed) => runHistory(postgres, { seed, build: options.build }));
  return 0;
}

async function run(): Promise<number> {
  const { seed, jobs, build, buildName } = options;
  const opened = jobs === 1 ? await prepareDatabase() : undefined;
  const lives =
    opened === undefined
      ? livesSideBySide(seed, jobs, buildName)
      : livesOneByOne(seed, (next) => runHistory(opened, { seed: next, build }));
  const again = async (failing: number) => {
    const postgres = opened ?? (await prepareDatabase());
    return (given: ReadonlyMap<string, string>, candles: number) =>
      runHistory(postgres, { seed: failing, build, given, candles });
  };
  const progress = (line: string) => console.error(line);
  const report = await simulate({ ...options, lives, again, stop: stop.signal, progress });
  console.log(options.json ? JSON.stringify(report, null, 2) : report.text);
  if (report.failure !== null) return 1;
  return report.interrupted ? INTERRUPTED : 0;
}

async function proveItself(): Promise<number> {
  const proof = await selfTest(await prepareDatabase(), (line) => console.error(line));
  console.log(options.json ? JSON.stringify(proof, null, 2) : proof.text);
  return proof.passed ? 0 : 1;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        cycles: { type: 'string', default: '5000' },
        jobs: { type: 'string', default: '1' },
        build: { type: 'string' },
        story: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'self-test': { type: 'boolean', default: false },
        job: { type: 'boolean', default: false },
      },
    });
    const build = values.build === undefined ? AS_IT_IS : BROKEN_BUILDS[values.build];
    if (build === undefined) throw new Error(`no build "${values.build}": ${Object.keys(BROKEN_BUILDS).join(', ')}`);
    return {
      seed: wholeNumber('seed', values.seed),
      cycles: wholeNumber('cycles', values.cycles),
      jobs: Math.max(1, wholeNumber('jobs', values.jobs)),
      build,
      buildName: values.build ?? null,
      story: values.story,
      json: values.json,
      selfTest: values['self-test'],
      job: values.job,
    };
  } catch (error) {
    console.error(
      `simulate: ${(error as Error).message}\n` +
        'usage: npm run simulate -- [--seed N] [--cycles N] [--jobs N] [--build NAME] [--story] [--json] | --self-test [--json]',
    );
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number, not "${text}"`);
  return value;
}
