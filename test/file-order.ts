import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that run whole bots, the longest first; most of their time they wait. */
const BOTS = [
  'chaos/chaos',
  'e2e/trade',
  'e2e/crash-demo',
  'e2e/collect',
  'e2e/optimize',
  'e2e/halt',
  'e2e/schedules',
  'e2e/two-traders',
  'cli/up-summary',
].map((name) => `/test/${name}.test.ts`);

/** About as many others as take as long as one of these. */
const OTHERS_BESIDE_A_BOT = 10;

/**
 * Begins with a bot and goes on with one whenever others have taken as long: rarely two bots at once, which would make
 * each other's decisions late, and none left for the end. The same on every machine, whatever ran there before.
 */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isBot = ({ moduleId }: TestSpecification) => BOTS.findIndex((path) => moduleId.endsWith(path));
    const bots = files.filter((file) => isBot(file) >= 0).toSorted((one, other) => isBot(one) - isBot(other));
    const others = files.filter((file) => isBot(file) < 0).toSorted(byProcessAndPath);
    const spread = bots.flatMap((bot, index) => [
      bot,
      ...others.slice(index * OTHERS_BESIDE_A_BOT, (index + 1) * OTHERS_BESIDE_A_BOT),
    ]);
    return [...spread, ...others.slice(bots.length * OTHERS_BESIDE_A_BOT)];
  }
}

/** Those that share a process one after the other: only between neighbours of the queue is it handed on. */
function byProcessAndPath(one: TestSpecification, other: TestSpecification): number {
  const shared = ({ project }: TestSpecification) => (project.config.isolate ? 0 : 1);
  return shared(one) - shared(other) || one.moduleId.localeCompare(other.moduleId);
}
