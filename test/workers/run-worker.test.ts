import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { freePort } from '../../cli/up/ports.ts';

const root = join(import.meta.dirname, '..', '..');

test('a worker names the Temporal server it cannot reach and tries again, waiting longer each time', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const worker = spawn(process.execPath, [join(root, 'workers', 'optimizer.ts')], {
    env: childEnvironment({ TEMPORAL_ADDRESS: address }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => {
    worker.kill('SIGKILL');
  });
  let said = '';
  worker.stderr?.on('data', (part) => {
    said += part;
  });

  await expect.poll(() => said.match(/cannot be reached/g)?.length ?? 0).toBeGreaterThanOrEqual(3);

  expect(said).toContain(`Temporal at ${address} cannot be reached`);
  expect(said.match(/trying again in [\d.]+ s/g)?.slice(0, 3)).toEqual([
    'trying again in 0.25 s',
    'trying again in 0.5 s',
    'trying again in 1 s',
  ]);
  expect(said).not.toMatch(/\n\s+at /);
  worker.kill('SIGTERM');
  expect(await once(worker, 'exit')).toEqual([0, null]);
});
