import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';

const handOver = new URL('../../bin/door/hand-over.mjs', import.meta.url).href;

let doors: ChildProcess[] = [];

afterEach(() => {
  for (const door of doors) door.kill('SIGKILL');
  doors = [];
});

/** A door whose child runs `script`, started without a terminal as a service manager does. */
function openDoor(script: string): { door: ChildProcess; printed: () => string } {
  const outer = `
    const { handOver } = await import(${JSON.stringify(handOver)});
    process.exitCode = await handOver(process.execPath, ['-e', ${JSON.stringify(script)}], process.env);`;
  const door = spawn(process.execPath, ['--input-type=module', '-e', outer], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  doors.push(door);
  let text = '';
  door.stdout?.on('data', (part) => (text += part));
  return { door, printed: () => text };
}

const WAITING = `
  for (const name of ['SIGINT', 'SIGTERM', 'disconnect']) {
    process.on(name, () => { console.log(name); setTimeout(() => { console.log('cleaned up'); process.exit(7); }, 50); });
  }
  setTimeout(() => {}, 60_000);
  console.log('ready');`;

describe('the door stands in for its command', () => {
  test.each([
    ['process.exit(0)', 0],
    ['process.exit(3)', 3],
    ['process.kill(process.pid, "SIGKILL")', 137],
    ['process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 1000)', 143],
  ])('%s: exit code %i', async (script, code) => {
    const { door } = openDoor(script);

    expect(await once(door, 'exit')).toEqual([code, null]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s reaches it once, and the door waits for its clean-up',
    async (signal) => {
      const { door, printed } = openDoor(WAITING);
      await expect.poll(printed).toContain('ready');

      door.kill(signal);
      door.kill(signal);

      expect(await once(door, 'exit')).toEqual([7, null]);
      expect(printed()).toBe(`ready\n${signal}\ncleaned up\n`);
    },
  );

  test('a door killed outright is noticed by it', async () => {
    const { door, printed } = openDoor(WAITING);
    await expect.poll(printed).toContain('ready');

    door.kill('SIGKILL');

    await expect.poll(printed).toBe('ready\ndisconnect\ncleaned up\n');
  });
});
