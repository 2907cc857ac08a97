import type { AuditResult, Finding } from './findings.ts';

/** More than these would not fit a screen; `--json` has them all. */
const MOST_SHOWN = 12;
const MOST_IN_FLIGHT = 4;

/** One screen for people. */
export function auditText(result: AuditResult): string {
  const held = Object.entries(result.outside).map(([currency, amount]) => `${amount} ${currency}`);
  return [
    result.ledger_equals_exchange
      ? `The ledger of ${result.account} equals the exchange.`
      : `The ledger of ${result.account} does NOT equal the exchange: ${counted(result.findings.length, 'finding')}.`,
    '',
    `orders      at the exchange ${result.orders_at_exchange}, in the ledger ${result.orders_in_ledger}, duplicates ${result.duplicates}, lost ${result.lost}`,
    `fills       at the exchange ${result.fills_at_exchange}, in the ledger ${result.fills_in_ledger}${totals(result)}`,
    `not ours    ${held.length === 0 ? 'nothing' : held.join(', ')}`,
    `in flight   ${result.in_flight.length === 0 ? 'nothing' : counted(result.in_flight.length, 'difference')}`,
    ...section(result.in_flight, MOST_IN_FLIGHT),
    ...(result.findings.length === 0 ? [] : ['', 'findings']),
    ...section(result.findings, MOST_SHOWN),
  ].join('\n');
}

function totals({ orders_by_totals: count }: AuditResult): string {
  return count === 0 ? '' : `; of ${counted(count, 'order')} older than a day by their totals`;
}

function section(findings: readonly Finding[], most: number): string[] {
  const lines = findings.slice(0, most).map(({ check, detail }) => `  ${check}: ${detail}`);
  const rest = findings.length - most;
  return rest > 0 ? [...lines, `  and ${rest} more; --json shows all`] : lines;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
