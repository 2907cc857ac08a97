import { wallTime } from '../output.ts';
import type { HaltOutcome } from './halt-account.ts';

/** What `durabit halt` has done and knows, column names as `--json` prints them. */
export function haltReport({ state, orders, notKnown }: HaltOutcome, steps: readonly HaltStep[], tookMs: number) {
  return {
    ...{ account: state.account, state: 'halted', since: state.since, reason: state.reason },
    proven: notKnown.length === 0,
    took_ms: Math.round(tookMs),
    steps,
    orders: orders.map(({ identifier, market, side, status, executed_quantity, status_reason }) => ({
      ...{ identifier, market, side, status, executed_quantity, status_reason },
    })),
    not_known: notKnown,
  };
}

/** Something that was done, milliseconds after the command began. */
export interface HaltStep {
  readonly after_ms: number;
  readonly step: string;
}

export function haltText(report: ReturnType<typeof haltReport>): string {
  const { since, reason, account, not_known: notKnown, proven, took_ms: took } = report;
  const seconds = (took / 1_000).toFixed(1);
  const halted = `HALTED since ${wallTime(since)}: ${reason ?? 'no reason given'} (account ${account})`;
  if (proven) {
    return [
      halted,
      `Proven in ${seconds} s: nothing of this bot is open at the exchange or under way, and the ledger agrees.`,
      'Collecting, deciding and reconciling go on. To trade again: npx durabit unhalt',
    ].join('\n');
  }
  return [
    halted,
    `No new order begins, but after ${seconds} s NOT ALL IS KNOWN:`,
    ...notKnown.flatMap(({ about, problem, cure }) => [`  ${about}: ${problem}`, `    → ${cure}`]),
  ].join('\n');
}

export function stepText({ after_ms, step }: HaltStep): string {
  return `${(after_ms / 1_000).toFixed(2).padStart(6)} s  ${step}`;
}
