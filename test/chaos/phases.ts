import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BROKEN_BUILDS, type BrokenBuild, foundOut } from './broken-builds.ts';
import { type ChaosRun, startChaosBot } from './chaos-bot.ts';
import { type Inflicted, type PlannedStrike, planStrikes, type Scene, strikeAll } from './crash-points.ts';
import { finish, PATIENCE_MS } from './finish.ts';
import type { Judgement } from './judge.ts';
import { openLedgerReader } from './ledger-record.ts';
import { injectAtRandom } from './random-faults.ts';
import { type Injected, measureRecovery } from './recovery.ts';
import { STEPS, type Step } from './steps.ts';
import type { Act } from './strike.ts';

/** `control`: what the broken builds are struck with, and the bot as it is. */
export type PhaseName = 'crash-points' | 'faults' | 'control' | 'broken-build';

/** What a bot's life under faults came to. */
export interface PhaseResult extends Inflicted {
  readonly name: PhaseName;
  readonly judgement: Judgement;
  /** Undefined when the bot did not say. */
  readonly candlesMissing: number | undefined;
  /** Orders by the status they ended in. */
  readonly orders: Readonly<Record<string, number>>;
  /** Milliseconds from each fault until all went on. */
  readonly recoveries: readonly number[];
  readonly neverRecovered: readonly Injected[];
  /** Orders that were not found when the rest went on. */
  readonly leftUnknown: readonly string[];
}

export interface PhaseOptions {
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
  readonly broken?: BrokenBuild | undefined;
}

/** Candles of 4 s: a killed part is back while an order may still be sent. Many markets, so that orders come often. */
const AT_STEPS = { speed: 15, markets: 8 } as const;

/** Every step with every victim, one after the other. */
export function runCrashPoints(
  options: PhaseOptions,
  plan = planStrikes(options.seed),
  size: Partial<Pick<ChaosRun, 'markets' | 'stretches'>> = {},
): Promise<PhaseResult> {
  return strikeWith('crash-points', options, plan, size);
}

function strikeWith(
  name: PhaseName,
  options: PhaseOptions,
  plan: readonly PlannedStrike[],
  size: Partial<Pick<ChaosRun, 'markets' | 'stretches'> & Patience> = {},
): Promise<PhaseResult> {
  return withBot({ name, ...options, ...AT_STEPS, ...size }, (scene) => strikeAll(plan, scene));
}

/** Everything by chance; at a candle a second nothing that dies is back before the time of an order is over. */
export function runRandomFaults(
  options: PhaseOptions,
  run: { readonly cycles: number; readonly markets: number; readonly speed: number },
): Promise<PhaseResult> {
  const { seed } = options;
  return withBot({ name: 'faults', ...options, ...run }, (scene) =>
    injectAtRandom(scene, { seed, cycles: run.cycles }),
  );
}

const TRADER_DIES: Act = { kind: 'kill', parts: ['trader'] };

/** What shows each fault that can be built in. */
const EXPOSING: Readonly<Record<BrokenBuild, readonly (readonly [step: string, act: Act])[]>> = {
  'record-after-post': [['answered, not recorded', TRADER_DIES]],
  'random-identifier': [['answer lost', TRADER_DIES]],
  // Whoever has seen the 404 must live to believe it.
  'believe-404': [
    ['on its way longer than its time, not found yet', { kind: 'operator', act: 'trigger' }],
    ['on its way longer than its time, not found yet', { kind: 'operator', act: 'trigger' }],
  ],
  'reject-on-429': [['told to slow down', { kind: 'kill', parts: ['temporal'] }]],
  'fills-by-time': [['fills seen, not booked', TRADER_DIES]],
  'halt-by-flag': [
    // A halt ends every order it can see: one that its decision has not committed yet it cannot.
    ['order written, decision not committed', { kind: 'halt' }],
    ['order written, decision not committed', { kind: 'halt' }],
  ],
};

/** As little as shows that a broken build does not pass. */
export function runBrokenBuild(options: PhaseOptions & { readonly broken: BrokenBuild }): Promise<PhaseResult> {
  return strikeWith('broken-build', options, exposing([options.broken]), BRIEF);
}

/** The same strikes, and no more patience, with the bot as it is: nothing of what the broken builds show may show here. */
export function runControl(options: PhaseOptions): Promise<PhaseResult> {
  return strikeWith('control', options, exposing(BROKEN_BUILDS), BRIEF);
}

function exposing(builds: readonly BrokenBuild[]): PlannedStrike[] {
  return builds.flatMap((build) => EXPOSING[build].map(([name, act]) => ({ step: stepOf(name), act })));
}

function stepOf(name: string): Step {
  const step = STEPS.find((one) => one.name === name);
  if (step === undefined) throw new Error(`there is no step "${name}"`);
  return step;
}

interface Patience {
  /** How long the bot may take to go on once every fault is gone. */
  readonly patienceMs: number;
}

/** A broken build may never come to rest, and is not waited for as long. */
const BRIEF: Patience = { patienceMs: 15_000 };

async function withBot(
  {
    name,
    seed,
    say,
    stop,
    broken,
    speed,
    markets,
    stretches,
    patienceMs = PATIENCE_MS,
  }: { name: PhaseName } & PhaseOptions & Omit<ChaosRun, 'interrupted'> & Partial<Patience>,
  inflict: (scene: Scene) => Promise<Inflicted>,
): Promise<PhaseResult> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-chaos-')));
  say(`a bot of its own in ${folder}: ${markets} markets, a candle every ${60 / speed} s`);
  const bot = await startChaosBot(folder, { seed, markets, speed, stretches, interrupted: stop, broken });
  let ended = false;
  try {
    const reader = await openLedgerReader(bot.instance.databaseUrl);
    const inflicted = await inflict({ bot, reader, say, stop });
    const halted = inflicted.halts.flatMap((halt) => halt.halted ?? []);
    say('no more faults: it has to go on by itself now');
    const { judgement, ledger, candlesMissing } = await finish(bot, reader, halted, patienceMs);
    ended = true;
    const { took, never, leftUnknown } = measureRecovery(inflicted.injected, ledger);
    const byStatus = Map.groupBy(ledger.orders, ({ status }) => status);
    const result: PhaseResult = {
      name,
      ...inflicted,
      judgement: { ...judgement, stuck: [...inflicted.stuck, ...judgement.stuck] },
      candlesMissing,
      orders: Object.fromEntries([...byStatus].map(([status, orders]) => [status, orders.length])),
      recoveries: took,
      neverRecovered: never,
      leftUnknown,
    };
    const asMeant = broken !== undefined && foundOut(broken, result.judgement).finding !== undefined;
    if (asMeant || isClean(result.judgement)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    else say(`kept for a look: ${folder} (the bot's log is bot.txt)`);
    return result;
  } finally {
    if (!ended) await bot.stop();
  }
}

export function isClean(judgement: Judgement): boolean {
  return Object.values(judgement).every((findings: readonly string[]) => findings.length === 0);
}
