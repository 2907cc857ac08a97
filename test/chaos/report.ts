import type { BrokenBuild } from './broken-builds.ts';
import type { Judgement } from './judge.ts';
import { isClean, type PhaseResult } from './phases.ts';
import { percentile } from './recovery.ts';

/** A recovery that takes longer, in one case of twenty, is too slow. */
const RECOVERED_WITHIN_MS = 15_000;

/** So many orders meet every kind of fault; the rarest strikes one request for an order in fifty. */
const ENOUGH_ORDERS = 500;

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
  /** For each fault built in on purpose, whether the run with it failed. */
  readonly broken: ReadonlyMap<BrokenBuild, boolean>;
}

/** Everything that was counted, column names as `--json` prints them. */
export function reportOf({ seed, phases, broken }: RunResults) {
  const all = <T>(of: (phase: PhaseResult) => readonly T[]): T[] => phases.flatMap(of);
  const recoveries = all(({ recoveries: took }) => took);
  const orders = phases.reduce<Record<string, number>>((sum, { orders: counts }) => added(sum, counts), {});
  const findings = COUNTS.map((name) => [name, all(({ judgement }) => judgement[name])] as const);
  return {
    seed,
    cycles: Object.values(orders).reduce((sum, count) => sum + count, 0),
    ...Object.fromEntries(findings.map(([name, found]) => [name, found.length])),
    candles_missing: phases.reduce((sum, { candlesMissing }) => sum + candlesMissing, 0),
    orders,
    halts: all(({ halts }) => halts).length,
    faults: faultsOf(phases),
    recovery_ms: {
      count: recoveries.length,
      p50: Math.round(percentile(recoveries, 0.5)),
      p95: Math.round(percentile(recoveries, 0.95)),
      max: Math.round(percentile(recoveries, 1)),
    },
    never_recovered: all(({ neverRecovered }) => neverRecovered).map(
      ({ kind, order, market }) => `${kind}: ${order ?? market}`,
    ),
    not_struck: all(({ spared }) => spared),
    days_passed: phases.reduce((sum, { days }) => sum + days, 0),
    broken_builds: Object.fromEntries([...broken].map(([name, caught]) => [name, caught ? 'caught' : 'NOT CAUGHT'])),
    details: Object.fromEntries(findings.filter(([, found]) => found.length > 0)),
  };
}

export type ChaosReport = ReturnType<typeof reportOf>;

/** What speaks against it, one line each; none when the run passed. */
export function failuresOf(results: RunResults): string[] {
  const { phases, broken } = results;
  const report = reportOf(results);
  const lines = phases.some(({ judgement }) => !isClean(judgement)) ? ['orders did not go exactly once'] : [];
  if (report.candles_missing > 0) lines.push(`${report.candles_missing} candles are missing`);
  if (report.recovery_ms.p95 > RECOVERED_WITHIN_MS) {
    lines.push(`one recovery of twenty took longer than ${RECOVERED_WITHIN_MS / 1_000} s`);
  }
  if (report.never_recovered.length > 0) lines.push(`${report.never_recovered.length} faults it never recovered from`);
  const enough = report.cycles >= ENOUGH_ORDERS;
  for (const [kind, count] of Object.entries(report.faults)) {
    if (enough && count === 0) lines.push(`${kind}: not injected once`);
  }
  if (report.not_struck.length > 0) lines.push(`${report.not_struck.length} strikes for which no order came`);
  for (const [name, caught] of broken) if (!caught) lines.push(`the build broken by ${name} passed`);
  return lines;
}

function faultsOf(phases: readonly PhaseResult[]): Readonly<Record<string, number>> {
  const counted = phases.map(({ injected, atExchange }) =>
    added(
      Object.fromEntries([...Map.groupBy(injected, ({ kind }) => kind)].map(([kind, list]) => [kind, list.length])),
      atExchange,
    ),
  );
  return counted.reduce(added, {});
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
