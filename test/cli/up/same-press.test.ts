import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, journalOf, ready, runFixture, temporaryDirectory } from './support.ts';

test('one Ctrl-C that arrives three times, from terminal, npm and door, still stops everything in order', async () => {
  const directory = temporaryDirectory();
  const journal = join(directory.path, 'journal');
  const supervisor = runFixture('supervising', [directory.path, journal]);
  await ready(supervisor);

  for (let times = 0; times < 3; times += 1) {
    supervisor.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  expect(await ended(supervisor.child)).toBe(0);
  expect(journalOf(journal).slice(-2)).toEqual(['collector ended', 'paper ended']);
  directory.remove();
});
