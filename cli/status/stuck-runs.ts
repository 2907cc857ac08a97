import { span } from '../output.ts';
import type { Finding, StatusFacts } from './facts.ts';

/** Runs that cannot go on, and whose schedules therefore start no other one. */
export function stuckRunFindings({ stuck_runs: runs, read_at: now }: StatusFacts): Finding[] {
  return runs.map(({ workflow_id: about, since, code_changed: changed }) => {
    const long = since === null ? '' : ` for ${span(now.getTime() - since.getTime())}`;
    const why = changed ? 'its code was changed while it ran' : 'it tries the same step again and again';
    return { about, problem: `stuck${long}: ${why}`, cure: 'npx durabit doctor says how to free it' };
  });
}
