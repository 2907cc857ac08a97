import { wallTime } from '../output.ts';
import { readStuckRuns, type StuckRun } from '../stuck-runs.ts';
import type { TemporalSession } from '../temporal-session.ts';
import { bad, type Finding, look } from './check.ts';

const CHECK = 'stuck runs';
const MORE = 'docs/changing-workflows.md, "A run that is stuck"';

/**
 * A finding for each run that cannot go on, else one that none is.
 *
 * @param temporal the server's program, as the person at the keyboard is to type it
 */
export async function checkStuckRuns(session: TemporalSession, temporal = 'temporal'): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const asked = await look(CHECK, 'npx durabit status says whether the Temporal server answers', async () => {
    const runs = await readStuckRuns(session.client);
    found.push(...runs.map((run) => bad(CHECK, detailOf(run), cureOf(run, session, temporal))));
    return 'none';
  });
  return found.length === 0 ? [asked] : found;
}

function detailOf({ workflow_id: id, run_id: run, since, message }: StuckRun): string {
  const when = since === null ? '' : ` since ${wallTime(since)}`;
  return `${id} (run ${run}) tries the same step again and again${when}: ${message ?? 'its worker does not answer in time'}`;
}

function cureOf(run: StuckRun, { address, namespace }: TemporalSession, temporal: string): string {
  const { workflow_id: id, run_id: runId, message, code_changed: changed } = run;
  if (!changed && message !== null) return `mend the code, and the run goes on by itself; else see ${MORE}`;
  const place = `--address ${address} --namespace ${namespace} --workflow-id ${id} --run-id ${runId}`;
  const reset = `${temporal} workflow reset ${place} --type FirstWorkflowTask --reason "new code"`;
  const why = changed
    ? 'its code was changed while it ran'
    : "its worker's log says why; where that is a Nondeterminism error";
  return `${why}: begin it anew, which sends no order twice, with ${reset} (other ways: ${MORE})`;
}
