import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recordedProcess } from '../../../cli/up/pid-files.ts';
import { createService, type Service } from '../../../cli/up/service.ts';
import { steadyService, temporaryDirectory, until } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let collector: Service;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await collector.stop();
  directory.remove();
});

test('a service that was healthy for half a minute is restarted at once again', async () => {
  const clock = performance.now.bind(performance);
  let passed = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock() + passed);
  const lines: string[] = [];
  const log = (_speaker: string, line: string) => lines.push(line);
  const plan = steadyService('collector', `${directory.path}/journal`);
  collector = createService(plan, { dataDir: directory.path, log });
  await collector.start();
  const die = async (healthyMs: number) => {
    passed += healthyMs;
    const backs = lines.filter((line) => line === 'collector is back').length;
    process.kill(recordedProcess(directory.path, 'collector')?.pid ?? 0, 'SIGKILL');
    await until('back', () => lines.filter((line) => line === 'collector is back').length > backs);
  };

  await die(0);
  await die(0);
  await die(30_000);

  const waits = lines.flatMap((line) => /restart \d in (\d+) ms/.exec(line)?.[1] ?? []);
  expect(waits).toEqual(['250', '500', '250']);
});
