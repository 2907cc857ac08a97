import { startCommand } from '../context.ts';
import { accountFindings, accountRemarks } from './account.ts';
import { collectionFindings } from './collection.ts';
import { decisionFindings } from './decisions.ts';
import type { Finding, Remark, StatusFacts } from './facts.ts';
import { keyFindings } from './key.ts';
import { orderFindings, orderRemarks } from './orders.ts';
import { partFindings } from './parts.ts';
import { scheduleFindings } from './schedules.ts';
import { streamFindings } from './streams.ts';
import { stuckRunFindings } from './stuck-runs.ts';
import { workerFindings } from './workers.ts';

/** What needs a person, each with what to do, the most urgent first. Empty when all is well. */
export function findWrong(facts: StatusFacts): readonly Finding[] {
  return [
    ...notReady(facts),
    ...facts.parts.flatMap((part) => partFindings(part, facts.read_at)),
    ...workerFindings(facts),
    ...facts.faults,
    ...keyFindings(facts),
    ...accountFindings(facts),
    ...orderFindings(facts),
    ...stuckRunFindings(facts),
    ...streamFindings(facts),
    ...decisionFindings(facts),
    ...collectionFindings(facts),
    ...scheduleFindings(facts),
  ];
}

/** What is worth knowing and needs nobody. */
export function findRemarks(facts: StatusFacts): readonly Remark[] {
  return [...accountRemarks(facts), ...orderRemarks(facts)];
}

function notReady({ instance, data_dir: dataDir }: StatusFacts): Finding[] {
  if (instance === null) {
    return [
      {
        about: 'durabit',
        problem: `not running on data directory ${dataDir}`,
        cure: `start it with: ${startCommand(dataDir)}`,
      },
    ];
  }
  if (instance.state === 'ready') return [];
  const problem = instance.state === 'stopping' ? 'stopping' : 'still being set up';
  return [{ about: 'durabit', problem, cure: 'try again in a moment' }];
}
