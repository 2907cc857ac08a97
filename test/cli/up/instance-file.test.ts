import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunningInstance, removeInstance, writeInstance } from '../../../cli/up/instance-file.ts';
import { recordProcess } from '../../../cli/up/pid-files.ts';
import { instance, temporaryDirectory } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test('a running instance is found with its state, addresses and pids', () => {
  writeInstance(directory.path, instance, 'setting-up', new Date());
  expect(readRunningInstance(directory.path)?.state).toBe('setting-up');

  writeInstance(directory.path, instance, 'ready', new Date());
  recordProcess(directory.path, 'collector', process.pid, 'SIGTERM');

  expect(readRunningInstance(directory.path)).toMatchObject({
    ...instance,
    state: 'ready',
    pids: { collector: process.pid },
  });
});

test('what is told of its parts is read back; a file of a version that told nothing of them has none', () => {
  const since = new Date().toISOString();
  const part = {
    name: 'trader',
    state: 'up',
    since,
    restarts: 1,
    recentRestarts: [since],
    lastEnd: 'exit code 1',
  } as const;
  writeInstance(directory.path, instance, 'ready', new Date(), [part]);
  expect(readRunningInstance(directory.path)?.parts).toEqual([part]);

  const path = join(directory.path, 'instance.json');
  const { parts: _, ...older } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify(older));

  expect(readRunningInstance(directory.path)?.parts).toEqual([]);
});

test('only its owner may read it: it holds a password', () => {
  writeInstance(directory.path, instance, 'ready', new Date());

  expect(statSync(join(directory.path, 'instance.json')).mode & 0o777).toBe(0o600);
});

test('an instance whose supervisor is gone does not run', () => {
  writeInstance(directory.path, instance, 'ready', new Date());
  const path = join(directory.path, 'instance.json');
  const file = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...file, supervisor: { pid: process.pid, startTime: 'long ago' } }));

  expect(readRunningInstance(directory.path)).toBeNull();
});

test('nothing runs where there is no file or no directory', () => {
  writeInstance(directory.path, instance, 'ready', new Date());
  removeInstance(directory.path);

  expect(readRunningInstance(directory.path)).toBeNull();
  expect(readRunningInstance(join(directory.path, 'nowhere'))).toBeNull();
});
