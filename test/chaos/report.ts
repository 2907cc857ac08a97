import type { BrokenBuild, FoundOut } from './broken-builds.ts';
import type { Judgement } from './judge.ts';
import { isClean, type PhaseName, type PhaseResult } from './phases.ts';
import { percentile } from './recovery.ts';

/** A recovery that takes longer, in one case of twenty, is too slow. */
const RECOVERED_WITHIN_MS = 15_000;

/**
 * So many orders of a phase meet every kind of fault: a plan names what it does, and of the random ones the rarest
 * strikes one request for an order in a hundred.
 */
const ENOUGH_ORDERS: Readonly<Record<PhaseName, number>> = {
  'crash-points': 0,
  faults: 500,
  control: 0,
  'broken-build': 0,
};

/**
 * Of so many halts some are proven. Only crash points, which begin with them: under random faults an order is given up
 * more often than every quarter of an hour, and so long no halt is proven.
 */
const SOME_PROVEN_OF = 5;

const COUNTS = [
  'duplicates',
  'lost_orders',
  'lost_fills',
  'ledger_differences',
  'created_after_halt',
  'stuck',
] as const satisfies readonly (keyof Judgement)[];

export interface RunResults {
  readonly seed: number;
  readonly phases: readonly PhaseResult[];
  /** For each fault built in on purpose, how the run with it was found out. */
  readonly broken: ReadonlyMap<BrokenBuild, FoundOut>;
  /** What has to be there for the run to have shown anything. */
  readonly wanted: { readonly phases: readonly PhaseName[]; readonly broken: readonly BrokenBuild[] };
}

/** Everything that was counted, column names as `--json` prints them; null where nothing was looked at. */
export function reportOf({ seed, phases, broken }: RunResults) {
  const all = <T>(of: (phase: PhaseResult) => readonly T[]): T[] => phases.flatMap(of);
  const recoveries = all(({ name, recoveries: took }) => (name === 'control' ? [] : took));
  const halts = all((phase) => phase.halts);
  const findings = COUNTS.map((name) => [name, all(({ judgement }) => judgement[name])] as const);
  const rounded = (share: number): number | null => {
    const value = percentile(recoveries, share);
    return value === null ? null : Math.round(value);
  };
  const missing = phases.map(({ candlesMissing }) => candlesMissing);
  return {
    seed,
    cycles: Object.fromEntries(phases.map((phase) => [phase.name, cyclesOf(phase)])),
    ...Object.fromEntries(findings.map(([name, found]) => [name, phases.length === 0 ? null : found.length])),
    candles_missing:
      phases.length === 0 || missing.includes(undefined)
        ? null
        : missing.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    orders: phases.reduce<Record<string, number>>((sum, { orders }) => added(sum, orders), {}),
    halts: {
      asked: halts.length,
      returned: halts.filter(({ halted }) => halted !== undefined).length,
      proven: halts.filter(({ proven }) => proven).length,
    },
    faults: phases.map(faultsOf).reduce(added, {}),
    recovery_ms: { count: recoveries.length, p50: rounded(0.5), p95: rounded(0.95), max: rounded(1) },
    left_unknown: all(({ leftUnknown }) => leftUnknown).length,
    never_recovered: all(({ neverRecovered }) => neverRecovered).map(
      ({ kind, order, market }) => `${kind}: ${order ?? market}`,
    ),
    not_struck: all(({ spared }) => spared),
    days_passed: phases.reduce((sum, { days }) => sum + days, 0),
    broken_builds: Object.fromEntries(
      [...broken].map(([name, { figure, finding }]) => [
        name,
        finding === undefined ? `NOT CAUGHT by ${figure}` : `caught by ${figure}`,
      ]),
    ),
    notes: phases.flatMap(noteOf),
    details: Object.fromEntries(findings.filter(([, found]) => found.length > 0)),
  };
}

export type ChaosReport = ReturnType<typeof reportOf>;

/** What speaks against it, one line each; none when the run passed. */
export function failuresOf(results: RunResults): string[] {
  const { phases, broken, wanted } = results;
  const { p95 } = reportOf(results).recovery_ms;
  const ran = phases.map(({ name }) => name);
  return [
    ...wanted.phases.filter((name) => !ran.includes(name)).map((name) => `${name}: was not run`),
    ...phases.flatMap((phase) => failuresOfPhase(phase).map((line) => `${phase.name}: ${line}`)),
    ...(p95 !== null && p95 > RECOVERED_WITHIN_MS
      ? [`one recovery of twenty took longer than ${RECOVERED_WITHIN_MS / 1_000} s`]
      : []),
    ...wanted.broken.filter((name) => !broken.has(name)).map((name) => `${name} was not built in`),
    ...[...broken].flatMap(([name, { figure, finding }]) =>
      finding === undefined ? [`the build broken by ${name} passed: ${figure} is 0`] : [],
    ),
  ];
}

function failuresOfPhase(phase: PhaseResult): string[] {
  const { name, judgement, candlesMissing, halts, recoveries, neverRecovered, spared } = phase;
  const lines = isClean(judgement) ? [] : ['orders did not go exactly once'];
  if (cyclesOf(phase) === 0) lines.push('it looked at no order');
  if (candlesMissing === undefined) lines.push('the bot did not say how many candles are missing');
  else if (candlesMissing > 0) lines.push(`${candlesMissing} candles are missing`);

  const failed = halts.filter(({ halted }) => halted === undefined);
  if (failed.length > 0) lines.push(`${failed.length} of ${halts.length} halts halted nothing: ${failed[0]?.problem}`);
  if (name === 'crash-points' && halts.length >= SOME_PROVEN_OF && !halts.some(({ proven }) => proven)) {
    lines.push(`none of ${halts.length} halts was proven`);
  }

  // The control is about findings; its few strikes say little about times.
  if (name !== 'control' && recoveries.length === 0) lines.push('no recovery was measured');
  if (neverRecovered.length > 0) lines.push(`${neverRecovered.length} faults it never recovered from`);
  if (spared.length > 0) lines.push(`${spared.length} strikes for which no order came`);
  if (requiresEveryKind(phase)) lines.push(...notInjected(phase).map((kind) => `${kind}: not injected once`));
  return lines;
}

function cyclesOf({ orders }: PhaseResult): number {
  return Object.values(orders).reduce((sum, count) => sum + count, 0);
}

function requiresEveryKind(phase: PhaseResult): boolean {
  return cyclesOf(phase) >= ENOUGH_ORDERS[phase.name];
}

function noteOf(phase: PhaseResult): string[] {
  if (requiresEveryKind(phase)) return [];
  const few = `${cyclesOf(phase)} orders are too few to require every kind of fault (${ENOUGH_ORDERS[phase.name]} are enough)`;
  return [`${phase.name}: ${few}; ${notInjected(phase).length} were not injected`];
}

function notInjected(phase: PhaseResult): string[] {
  return Object.entries(faultsOf(phase)).flatMap(([kind, count]) => (count === 0 ? [kind] : []));
}

/** How often each kind was injected; 0 for one that was to be and never was. */
function faultsOf({ injected, expected, atExchange }: PhaseResult): Readonly<Record<string, number>> {
  const byKind = Map.groupBy(injected, ({ kind }) => kind);
  return [
    Object.fromEntries(expected.map((kind) => [kind, 0])),
    Object.fromEntries([...byKind].map(([kind, list]) => [kind, list.length])),
    atExchange,
  ].reduce(added);
}

function added(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export function reportText(report: ChaosReport, failures: readonly string[]): string {
  const { details, ...figures } = report;
  return [
    ...Object.entries(details).flatMap(([name, found]) => found.map((line) => `WRONG  ${name}: ${line}`)),
    ...Object.entries(figures).map(
      ([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    ),
    ...failures.map((line) => `FAILED  ${line}`),
  ].join('\n');
}
