import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that run whole bots, the longest first; most of their time they wait. */
const BOTS = [
  'chaos/chaos',
  'e2e/trade',
  'e2e/crash-demo',
  'e2e/collect',
  'e2e/optimize',
  'e2e/halt',
  'e2e/feed-mode',
  'e2e/schedules',
  'e2e/two-traders',
  'cli/up-summary',
].map((name) => `/test/${name}.test.ts`);

/**
 * Begins with a bot, and spreads the bots evenly among the others, which take about as long all together: rarely two bots
 * at once, which would make each other's decisions late, and none left for the end. The same on every machine, whatever
 * ran there before.
 */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isBot = ({ moduleId }: TestSpecification) => BOTS.findIndex((path) => moduleId.endsWith(path));
    const bots = files.filter((file) => isBot(file) >= 0).toSorted((one, other) => isBot(one) - isBot(other));
    const others = files.filter((file) => isBot(file) < 0).toSorted(byProcessAndPath);
    if (bots.length === 0) return others;
    const besideOne = Math.ceil(others.length / bots.length);
    return bots.flatMap((bot, index) => [bot, ...others.slice(index * besideOne, (index + 1) * besideOne)]);
  }
}

/** Those that share a process one after the other: only between neighbours of the queue is it handed on. */
function byProcessAndPath(one: TestSpecification, other: TestSpecification): number {
  const shared = ({ project }: TestSpecification) => (project.config.isolate ? 0 : 1);
  return shared(one) - shared(other) || one.moduleId.localeCompare(other.moduleId);
}
