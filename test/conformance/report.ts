import type { Finding } from './conformance.ts';

const MARKS = { conforms: '✓', 'does not': '✗', 'not looked at': '-' } as const;
const AREA_WIDTH = 22;

/** One row of the table, and under it why it does not conform or was not looked at. */
export function rowOf({ area, what, outcome, reason }: Finding): string {
  const row = `${MARKS[outcome]} ${area.padEnd(AREA_WIDTH)} ${what}`;
  if (reason === undefined) return row;
  const lines = reason.split('\n').map((line) => `${' '.repeat(AREA_WIDTH + 3)}${line}`);
  return [row, ...lines].join('\n');
}

export interface Report {
  readonly conform: number;
  readonly do_not: number;
  readonly not_looked_at: number;
  readonly findings: readonly Finding[];
}

export function reportOf(findings: readonly Finding[]): Report {
  const count = (outcome: Finding['outcome']) => findings.filter((finding) => finding.outcome === outcome).length;
  return {
    conform: count('conforms'),
    do_not: count('does not'),
    not_looked_at: count('not looked at'),
    findings,
  };
}

/** What is repeated at the end, where it is seen, and the last line. */
export function summaryOf({ conform, do_not, not_looked_at, findings }: Report): string {
  const failed = findings.filter(({ outcome }) => outcome === 'does not').map(rowOf);
  const unseen = not_looked_at === 0 ? [] : [`${not_looked_at} not looked at`];
  return ['', ...failed, ...unseen, `${conform} conform, ${do_not} do not`].join('\n');
}
