import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkBinding, saveBinding } from '../../../cli/up/data-binding.ts';
import { type RecordedProcess, recordedProcess } from '../../../cli/up/pid-files.ts';
import { createServiceSet } from '../../../cli/up/service-set.ts';
import { runSupervisor } from '../../../cli/up/supervisor.ts';
import { signalProcess } from '../../../process/process-identity.ts';
import { binding, instance, journalOf, steadyService, temporaryDirectory } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test('stopping all stops workers before servers, whatever they said they depend on', async () => {
  const journal = join(directory.path, 'journal');
  const services = createServiceSet(
    [
      { kind: 'server', service: steadyService('postgres', journal), dependsOn: [] },
      { kind: 'worker', service: steadyService('collector', journal), dependsOn: [] },
    ],
    { dataDir: directory.path, log: () => undefined },
  );
  await services.start('postgres');
  await services.start('collector');

  await services.stopAll();

  expect(journalOf(journal).slice(-2)).toEqual(['collector ended', 'postgres ended']);
});

test('what a part leaves behind when it ends is ended with the run', async () => {
  const pidFiles = join(import.meta.dirname, '..', '..', '..', 'cli', 'up', 'pid-files.ts');
  const script = `
    const { spawn } = await import('node:child_process');
    const { recordProcess } = await import(${JSON.stringify(pidFiles)});
    const kid = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 60_000)'], { stdio: 'ignore', detached: true });
    recordProcess(${JSON.stringify(directory.path)}, 'kid', kid.pid, 'SIGTERM');
    process.send({ type: 'ready' });`;
  const careless = { ...steadyService('careless', ''), args: ['--input-type=module', '-e', script] };
  let kid: RecordedProcess | null = null;

  await runSupervisor({ command: 'durabit up', dataDir: directory.path }, () => ({
    ...{ binding, instance, ports: [], forMs: 50 },
    steps: [{ kind: 'server', service: careless, dependsOn: [] }],
    onReady: () => {
      kid = recordedProcess(directory.path, 'kid');
    },
  }));

  expect(kid).not.toBeNull();
  // Signalled only if it still lives, so that a failing test leaves nothing behind either.
  expect(kid !== null && signalProcess(kid, 'SIGKILL')).toBe(false);
});

test('another feed alone is another feed', () => {
  saveBinding(directory.path, { feed: 'replay', replayFiles: [], seed: null });

  expect(() => checkBinding(directory.path, { feed: 'upbit', replayFiles: [], seed: null })).toThrow(
    'belongs to another feed',
  );
});
