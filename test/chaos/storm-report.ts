import type { StormResult } from './halt-storm.ts';

/** What came of halts in a storm, names as `halts.ts` prints them. */
export function stormReport({ halts, creates, ledgerEqualsExchange }: StormResult) {
  const took = halts.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  const struck = Map.groupBy(halts, ({ victim }) => victim ?? 'nothing');
  return {
    halts: halts.length,
    halted: halts.filter(({ halted }) => halted).length,
    proven: halts.filter(({ proven }) => proven).length,
    creates,
    creates_after_return: halts.reduce((sum, { afterReturn }) => sum + afterReturn.length, 0),
    took_ms: { median: at(0.5), p90: at(0.9), most: at(1) },
    ledger_equals_exchange: ledgerEqualsExchange,
    struck: Object.fromEntries([...struck].map(([name, list]) => [name, list.length])),
  };
}

/** What speaks against it; none when the halts halted a bot that was ordering. */
export function stormFailures(report: ReturnType<typeof stormReport>): string[] {
  const { halts, halted, proven, creates, creates_after_return: after } = report;
  const lines: string[] = [];
  if (after > 0) lines.push(`${after} creates after a halt had returned`);
  if (halted < halts) lines.push(`${halts - halted} of ${halts} halts halted nothing`);
  if (proven === 0) lines.push(`none of ${halts} halts was proven`);
  if (creates < halts) lines.push(`${creates} creates for ${halts} halts: nothing was ordering that could be halted`);
  if (!report.ledger_equals_exchange) lines.push('the ledger is not what the exchange has');
  return lines;
}
