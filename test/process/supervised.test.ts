import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const supervised = join(import.meta.dirname, '..', '..', 'process', 'supervised.ts');

test('a process whose parent was gone before it listened ends all the same', async () => {
  const script = `
    const { endWithParent } = await import(${JSON.stringify(supervised)});
    setInterval(() => undefined, 60_000);
    process.once('disconnect', () => setTimeout(() => {
      console.log('listens');
      endWithParent(async () => console.log('ended'));
    }, 20));
    process.send('loaded');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let said = '';
  child.stdout?.on('data', (part) => {
    said += part;
  });

  await once(child, 'message');
  child.disconnect();

  expect(await once(child, 'exit')).toEqual([0, null]);
  await expect.poll(() => said).toBe('listens\nended\n');
});
