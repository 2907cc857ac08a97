/**
 * What `npm run chaos` runs: bots of their own, with paper money in temporary folders and on free ports, at which
 * everything is broken that can break; then the exchange's own record is held against the ledger's. docs/exactly-once.md
 * says what is promised, and what of it this shows.
 *
 * Exit code 0 only when no order was doubled or lost, no fill, no won, and none was created after a halt.
 */
import { BROKEN_BUILDS, type BrokenBuild, type FoundOut, foundOut } from './broken-builds.ts';
import { type ChaosOptions, type Phase, readOptions, USAGE } from './options.ts';
import {
  isClean,
  type PhaseOptions,
  type PhaseResult,
  runBrokenBuild,
  runControl,
  runCrashPoints,
  runRandomFaults,
} from './phases.ts';
import { failuresOf, reportOf, reportText } from './report.ts';

const HALTS = 200;

const began = performance.now();
const options = parse();
const interrupted = new AbortController();
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(event, () => interrupted.abort());
// The channel to the door must not keep a finished run alive.
process.channel?.unref();

try {
  process.exitCode = await (options.only === 'halts' ? runHalts(options) : runPhases(options));
} catch (error) {
  say(
    interrupted.signal.aborted
      ? 'interrupted'
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error),
  );
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}
if (process.exitCode !== 0) say(`again: npm run chaos -- ${againWith(options)}`);
// What was interrupted may still be waiting for an order of a bot that is gone.
process.exit();

async function runPhases({ seed, cycles, markets, speed, json, only, broken }: ChaosOptions): Promise<number> {
  const phase: PhaseOptions = { seed, say, stop: interrupted.signal, broken };
  const phases: PhaseResult[] = [];
  const caught = new Map<BrokenBuild, FoundOut>();
  const wants = (name: Phase): boolean => only === undefined || only === name;
  const failed = (): boolean => phases.some(({ judgement }) => !isClean(judgement));

  if (broken !== undefined) {
    say(`with ${broken} built in on purpose`);
    phases.push(await runBrokenBuild({ ...phase, broken }));
  }
  // A build that has failed need not fail again.
  if (wants('crash-points') && !failed()) phases.push(await runCrashPoints(phase));
  if (wants('faults') && !failed()) phases.push(await runRandomFaults(phase, { cycles, markets, speed }));
  const breaks = wants('broken-builds') && broken === undefined;
  if (breaks) {
    say('what the broken builds are struck with, and nothing built in: this must go right');
    phases.push(await runControl(phase));
    for (const build of BROKEN_BUILDS) {
      say(`with ${build} built in on purpose: this must go wrong`);
      const found = foundOut(build, (await runBrokenBuild({ ...phase, broken: build })).judgement);
      caught.set(build, found);
      say(`${build}: ${found.finding === undefined ? 'NOT CAUGHT' : `caught: ${found.figure}: ${found.finding}`}`);
    }
  }

  const named = (['crash-points', 'faults'] as const).filter(wants);
  const wanted = {
    // One that is found out is not struck again.
    phases: broken !== undefined && failed() ? [] : breaks ? [...named, 'control' as const] : named,
    broken: breaks ? BROKEN_BUILDS : [],
  };
  const results = { seed, phases, broken: caught, wanted };
  const report = reportOf(results);
  const failures = failuresOf(results);
  for (const line of failures) say(`FAILED  ${line}`);
  console.log(json ? JSON.stringify(report, null, 2) : reportText(report, failures));
  return failures.length === 0 ? 0 : 1;
}

/** `durabit halt` two hundred times while parts are killed or stand still; `halts.ts` prints its own result. */
async function runHalts({ seed }: ChaosOptions): Promise<number> {
  process.argv.splice(2, Number.POSITIVE_INFINITY, String(HALTS), String(seed));
  await import('./halts.ts');
  return Number(process.exitCode ?? 0);
}

function parse(): ChaosOptions {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== 'help') return read;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`chaos: ${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function againWith({ seed, cycles, markets, speed, only, broken }: ChaosOptions): string {
  return [
    `--seed ${seed} --cycles ${cycles} --markets ${markets} --speed ${speed}`,
    ...(only === undefined ? [] : [`--only ${only}`]),
    ...(broken === undefined ? [] : [`--break ${broken}`]),
  ].join(' ');
}

function say(line: string): void {
  console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}`);
}
