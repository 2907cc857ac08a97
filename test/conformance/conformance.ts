import { ERROR_NAMES } from '../../exchange/upbit/error-names.ts';
import type { Suite } from './case.ts';
import { gapOf } from './coverage.ts';
import { openStage, type Stage } from './stage.ts';

/** What came of one case. */
export interface Finding {
  readonly area: string;
  readonly what: string;
  readonly outcome: 'conforms' | 'does not' | 'not looked at';
  /** Why it does not, or why it was not looked at. */
  readonly reason?: string;
}

/** What was driven on the way. */
interface Driven {
  readonly endpoints: Set<string>;
  readonly errors: Set<string>;
}

/** Runs the suites one after the other, and at the end asks whether anything was left out. */
export async function conformance(suites: readonly Suite[], tell: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  const note = (finding: Finding): void => {
    findings.push(finding);
    tell(finding);
  };
  const driven: Driven = { endpoints: new Set(), errors: new Set() };
  for (const suite of suites) await runSuite(suite, driven, note);
  for (const finding of await completeness(driven)) note(finding);
  return findings;
}

async function runSuite({ area, open, cases }: Suite, driven: Driven, note: (finding: Finding) => void) {
  const stage = await open();
  try {
    for (const { what, meets = [], run } of cases) {
      const finding = await look(stage, { area, what }, run);
      if (finding.outcome === 'conforms') for (const name of meets) driven.errors.add(name);
      note(finding);
    }
    for (const endpoint of await stage.endpointsCalled()) driven.endpoints.add(endpoint);
  } finally {
    await stage.close();
  }
}

async function look(
  stage: Stage,
  named: Pick<Finding, 'area' | 'what'>,
  run: Suite['cases'][number]['run'],
): Promise<Finding> {
  try {
    const absence = await run(stage);
    return absence === undefined
      ? { ...named, outcome: 'conforms' }
      : { ...named, outcome: 'not looked at', reason: absence.absent };
  } catch (error) {
    return { ...named, outcome: 'does not', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether all that the exchange serves was called by our client, and every error in our table met. */
async function completeness(driven: Driven): Promise<Finding[]> {
  const stage = await openStage({ book: 'levels' });
  try {
    const endpoints = (await stage.control.endpoints()).map(({ endpoint }) => endpoint);
    return [
      finding('every endpoint of the exchange is called', gapOf(endpoints, driven.endpoints)),
      finding('every error in the table is met', gapOf(ERROR_NAMES.keys(), driven.errors)),
    ];
  } finally {
    await stage.close();
  }
}

function finding(what: string, gap: string | undefined): Finding {
  const named = { area: 'completeness', what };
  return gap === undefined ? { ...named, outcome: 'conforms' } : { ...named, outcome: 'does not', reason: gap };
}
