import { createHash } from 'node:crypto';
import type { HistoryResult } from './history.ts';
import type { Lives } from './lives.ts';
import { type Rerun, shrink } from './shrink.ts';

export interface SimulateOptions {
  readonly seed: number;
  /** Orders to bring from decision to end, at least. */
  readonly cycles: number;
  /** Histories from `seed` on. */
  readonly lives: Lives;
  /** How a seed is lived again in search of a shorter history. */
  readonly again: (seed: number) => Promise<Rerun>;
  /** Null for the bot as it is. */
  readonly buildName: string | null;
  readonly story: boolean;
  /** Ends it after the history that is being lived. */
  readonly stop: AbortSignal;
  readonly progress: (line: string) => void;
}

/** A history in which something is that must never be, in its shortest form. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly faults: readonly string[];
  readonly story: readonly string[];
}

export interface SimulationReport {
  readonly seeds: { readonly from: number; readonly until: number };
  readonly cycles: number;
  readonly histories: number;
  readonly halts: HistoryResult['halts'];
  /** How often each kind struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly cyclesPerHour: number;
  /** Of everything that happened in all of them: the same for the same seeds and the same code. */
  readonly digest: string;
  /** Whether it was stopped before it had all the order cycles it was asked for. */
  readonly interrupted: boolean;
  readonly failure: Failure | null;
  readonly text: string;
}

const PROGRESS_EVERY_MS = 5_000;

/** Histories, seed by seed, until enough orders came to their end, something is found or it is stopped. */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const { cycles: wanted, lives, stop, progress } = options;
  const began = realMs();
  let saidAt = began;
  let [histories, cycles] = [0, 0];
  const halts = { checked: 0, failed: 0 };
  let failing: HistoryResult | undefined;
  const faults = new Map<string, number>();
  const digest = createHash('sha256');
  while (cycles < wanted && failing === undefined && !stop.aborted) {
    const { value: result } = await lives.next();
    histories += 1;
    cycles += result.orders;
    halts.checked += result.halts.checked;
    halts.failed += result.halts.failed;
    digest.update(result.digest);
    for (const { kind } of result.struck) faults.set(kind, (faults.get(kind) ?? 0) + 1);
    if (options.story) progress(result.story.join('\n'));
    if (result.violations.length > 0) failing = result;
    if (realMs() - saidAt < PROGRESS_EVERY_MS) continue;
    saidAt = realMs();
    progress(`seed ${result.seed}: ${cycles} of ${wanted} order cycles, ${hourly(cycles, saidAt - began)} an hour`);
  }
  const seconds = (realMs() - began) / 1_000;
  await lives.return(undefined as never);
  const failure = failing === undefined ? null : await shortest(failing, options);
  const figures = {
    ...{ seeds: { from: options.seed, until: options.seed + histories - 1 }, cycles, histories, halts },
    faults: Object.fromEntries([...faults].sort(([, a], [, b]) => b - a)),
    ...{ seconds, cyclesPerHour: hourly(cycles, seconds * 1_000) },
    ...{ digest: digest.digest('hex'), interrupted: failing === undefined && cycles < wanted, failure },
  };
  return { ...figures, text: inWords(figures, options) };
}

async function shortest(failing: HistoryResult, { again, progress }: SimulateOptions): Promise<Failure> {
  const { seed } = failing;
  progress(`seed ${seed}: ${failing.violations[0]}; looking for a shorter history with the same end`);
  const found = await shrink(failing, await again(seed));
  return {
    seed,
    violations: found.violations,
    faults: found.struck.map(({ step, kind }) => `${kind}, at ${step}`),
    story: concerning(found),
  };
}

/** The story without the markets in which nothing is wrong. */
function concerning({ story, violations }: HistoryResult): readonly string[] {
  const marketsIn = (line: string) => line.match(/KRW-[A-Z]+/g) ?? [];
  const wrong = new Set(violations.flatMap(marketsIn));
  return story.filter((line) => wrong.size === 0 || marketsIn(line).every((market) => wrong.has(market)));
}

function inWords(figures: Omit<SimulationReport, 'text'>, { buildName }: SimulateOptions): string {
  const { seeds, cycles, histories, halts, faults, cyclesPerHour, failure, seconds } = figures;
  const struck = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const bot = buildName === null ? 'the bot as it is' : `the bot that ${buildName}`;
  const lines = [
    `${bot}, seeds ${seeds.from} to ${seeds.until}: ${cycles} order cycles in ${histories} histories, ${struck} faults,` +
      ` ${seconds.toFixed(0)} s, ${cyclesPerHour} an hour`,
    `${halts.checked} halts after which nothing may be sent, ${halts.failed} of the halts asked for failed`,
    ...(figures.interrupted ? ['interrupted: these are the sums so far'] : []),
    ...Object.entries(faults).map(([kind, count]) => `  ${String(count).padStart(7)}  ${kind}`),
  ];
  if (failure === null) {
    // The rule of three: with none in n, the true rate is below 3/n with 95 % confidence.
    lines.push(`nothing that must never be; so in fewer than one of ${Math.floor(cycles / 3)} order cycles (95 %)`);
    return lines.join('\n');
  }
  const again = buildName === null ? '' : ` --build "${buildName}"`;
  return [
    ...lines,
    `\nseed ${failure.seed} breaks a promise. Its shortest form, ${failure.faults.length} faults:\n`,
    ...failure.story,
    `\nAgain, whole: npm run simulate -- --seed ${failure.seed} --cycles 1${again}`,
  ].join('\n');
}

function hourly(cycles: number, ms: number): number {
  return Math.round((cycles / ms) * 3_600_000);
}

/** `Date.now` and `performance.now` tell the simulated time here. */
export function realMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
