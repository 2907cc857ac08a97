import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataDirectory } from '../../../cli/up/data-directory.ts';
import { ended, ready, runFixture, temporaryDirectory } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test('makes the directory and gives it back', async () => {
  const path = join(directory.path, 'deep', 'data');

  const first = await openDataDirectory(path, { command: 'durabit up' });
  first.release();
  const second = await openDataDirectory(path, { command: 'durabit up' });

  expect(second.path).toBe(path);
  second.release();
});

test('a second instance is told who has the directory and what to do', async () => {
  const holder = runFixture('locking', [directory.path]);
  await ready(holder);

  const second = openDataDirectory(directory.path, { command: 'durabit orders' });

  await expect(second).rejects.toThrow(
    new RegExp(
      `^data directory ${directory.path} is in use by durabit up \\(pid ${holder.child.pid}, started 20\\S+Z\\); ` +
        'stop it or choose another with --data-dir$',
    ),
  );
  holder.child.kill('SIGKILL');
  await ended(holder.child);
});

test('the lock of a process killed with -9 is taken over', async () => {
  const holder = runFixture('locking', [directory.path]);
  await ready(holder);
  holder.child.kill('SIGKILL');
  await ended(holder.child);

  const next = await openDataDirectory(directory.path, { command: 'durabit up' });

  expect(JSON.parse(readFileSync(join(directory.path, 'lock.json'), 'utf8')).pid).toBe(process.pid);
  next.release();
});

test('a lock whose pid now belongs to another process is stale', async () => {
  const stale = { pid: process.pid, startTime: 'before the flood', command: 'durabit up', since: '2020-01-01' };
  writeFileSync(join(directory.path, 'lock.json'), JSON.stringify(stale));

  const next = await openDataDirectory(directory.path, { command: 'durabit up' });

  next.release();
});

test('of many processes that find a stale lock at once, one gets it', async () => {
  const stale = { pid: process.pid, startTime: 'before the flood', command: 'durabit up', since: '2020-01-01' };
  writeFileSync(join(directory.path, 'lock.json'), JSON.stringify(stale));

  const claimants = Array.from({ length: 5 }, () => runFixture('locking', [directory.path]));
  const results = await Promise.allSettled(claimants.map(ready));

  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const { child } of claimants) child.kill('SIGKILL');
});

test('waits for a short command that has the directory', async () => {
  const short = await openDataDirectory(directory.path, { command: 'durabit orders', brief: true });

  const next = openDataDirectory(directory.path, { command: 'durabit up' });
  await pause(120);
  short.release();

  (await next).release();
});

test.each(['', 'below'])('a file where the directory should be is refused (%s)', async (below) => {
  const path = join(directory.path, 'file');
  writeFileSync(path, '');

  const opening = openDataDirectory(join(path, below), { command: 'durabit up' });

  await expect(opening).rejects.toThrow(/is a file.* not a directory; mend that or choose another with --data-dir/);
});

test('a damaged lock file is named with its cure', async () => {
  writeFileSync(join(directory.path, 'lock.json'), '{"pid":');

  const opening = openDataDirectory(directory.path, { command: 'durabit up' });

  await expect(opening).rejects.toThrow(
    /lock\.json is damaged .*; if no durabit runs on this directory, remove the file/,
  );
});
