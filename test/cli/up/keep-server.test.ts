import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type RecordedProcess, recordedProcess } from '../../../cli/up/pid-files.ts';
import { isAlive, signalProcess } from '../../../process/process-identity.ts';
import { temporaryDirectory, until } from './support.ts';

const keepServer = join(import.meta.dirname, '..', '..', '..', 'cli', 'up', 'keep-server.ts');

/** A keeper of a server that lives until it is told to end, and does not mind that nobody reads what it says. */
function keeperIn(dataDir: string) {
  const script = `
    const { spawn } = await import('node:child_process');
    const { keepServer } = await import(${JSON.stringify(keepServer)});
    const server = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => undefined, 60_000); console.error('up')";
    await keepServer({
      name: 'kept', dataDir: ${JSON.stringify(dataDir)}, stopSignal: 'SIGTERM', graceMs: 2_000,
      spawn: () => spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'pipe'] }),
      ready: (said) => said('up'), worthShowing: () => false,
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

function endAfterwards(left: RecordedProcess | null): void {
  onTestFinished(() => {
    if (left !== null) signalProcess(left, 'SIGKILL');
  });
}

test('a keeper ends the server that a killed predecessor has left, and its own when its parent goes', async () => {
  const directory = temporaryDirectory();
  const first = keeperIn(directory.path);
  await once(first, 'message');
  const orphan = recordedProcess(directory.path, 'kept');
  if (orphan === null) throw new Error('not written down');
  endAfterwards(orphan);
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(isAlive(orphan)).toBe(true);

  const second = keeperIn(directory.path);
  await once(second, 'message');

  const own = recordedProcess(directory.path, 'kept');
  endAfterwards(own);
  expect(isAlive(orphan)).toBe(false);
  expect(own !== null && isAlive(own)).toBe(true);
  second.disconnect();
  await until('its server is gone too', () => own !== null && !isAlive(own));
  directory.remove();
});
