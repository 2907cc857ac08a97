import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../cli/up/ports.ts';
import { runSupervisor } from '../../../cli/up/supervisor.ts';
import { binding, instance, steadyService, temporaryDirectory } from './support.ts';

test('a port in use ends the start with that message, before anything is started', async () => {
  const directory = temporaryDirectory();
  const port = await freePort();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    holder.close();
    directory.remove();
  });
  const journal = join(directory.path, 'journal');
  const starting = runSupervisor({ command: 'durabit up', dataDir: directory.path }, () => ({
    binding,
    instance,
    forMs: 100,
    ports: [{ port, purpose: 'the paper exchange', setting: 'PAPER_PORT' }],
    steps: [{ kind: 'server', service: steadyService('paper', journal), dependsOn: [] }],
  }));

  await expect(starting).rejects.toThrow(`port ${port}, needed for the paper exchange, is in use`);
  expect(existsSync(journal)).toBe(false);
});
