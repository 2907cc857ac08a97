import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify, isRunning } from '../../bin/door/process-identity.mjs';
import { withSetupLock } from '../../bin/door/setup-lock.mjs';

const lockModule = new URL('../../bin/door/setup-lock.mjs', import.meta.url).href;

let cache: string;
let children: ChildProcess[];
let said: string[];

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'door-lock-'));
  children = [];
  said = [];
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

const context = (signal = new AbortController().signal) => ({
  signal,
  say: (text: string) => said.push(text),
  pollMs: 5,
});

/** Another shell that takes the lock and holds it until it is killed. */
async function otherHolder(whileHolding = ''): Promise<ChildProcess> {
  const script = `
    const { withSetupLock } = await import(${JSON.stringify(lockModule)});
    await withSetupLock(${JSON.stringify(cache)}, { signal: new AbortController().signal, say() {} }, async (lock) => {
      ${whileHolding}
      console.log('held');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

function writeHolder(holder: object): void {
  mkdirSync(join(cache, '.setup-lock'));
  writeFileSync(join(cache, '.setup-lock', 'holder.json'), JSON.stringify(holder));
}

describe('the set-up lock', () => {
  test('lets one at a time in; the second waits and says so', async () => {
    const events: string[] = [];
    const first = withSetupLock(cache, context(), async () => {
      events.push('first in');
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push('first out');
    });
    const second = withSetupLock(cache, context(), async () => {
      events.push('second in');
    });

    await Promise.all([first, second]);

    expect(events).toEqual(['first in', 'first out', 'second in']);
    expect(said).toEqual([`process ${process.pid} is setting up; waiting for it to finish.`]);
  });

  test('is let go when the work fails, and leaves nothing behind', async () => {
    await expect(withSetupLock(cache, context(), () => Promise.reject(new Error('npm failed')))).rejects.toThrow(
      'npm failed',
    );

    expect(readdirSync(cache)).toEqual([]);
    await expect(withSetupLock(cache, context(), async () => 'in')).resolves.toBe('in');
  });

  test('of a process killed outright is taken over', async () => {
    const other = await otherHolder();
    other.kill('SIGKILL');
    await once(other, 'exit');

    await expect(withSetupLock(cache, context(), async () => 'in')).resolves.toBe('in');

    expect(said).toEqual([`taking over the set-up that process ${other.pid} left unfinished.`]);
  });

  test('is taken over by one of many, the others follow one by one', async () => {
    const other = await otherHolder();
    other.kill('SIGKILL');
    await once(other, 'exit');
    let inside = 0;
    let most = 0;

    await Promise.all(
      Array.from({ length: 8 }, () =>
        withSetupLock(cache, context(), async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inside -= 1;
        }),
      ),
    );

    expect(most).toBe(1);
    expect(said.filter((text) => text.startsWith('taking over'))).toHaveLength(1);
  });

  test('is not stale while a program of its killed holder still works', async () => {
    const worker = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    children.push(worker);
    const other = await otherHolder(`lock.noteWorker(${worker.pid});`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const entered = withSetupLock(cache, context(), async () => 'in');

    await expect.poll(() => said).toContain(`process ${other.pid} is setting up; waiting for it to finish.`);
    worker.kill('SIGKILL');

    await expect(entered).resolves.toBe('in');
  });

  test('of a process whose id was handed out again is stale', async () => {
    writeHolder({ id: 'old', pid: process.pid, started: 'long ago', host: (await ownHolder()).host });

    await expect(withSetupLock(cache, context(), async () => 'in')).resolves.toBe('in');
  });

  test('of another machine is stale only when its heartbeat has stopped', async () => {
    writeHolder({ id: 'far', pid: 1, started: 'x', host: 'another machine' });
    const abort = new AbortController();
    const waiting = withSetupLock(cache, context(abort.signal), async () => 'in');
    await expect.poll(() => said).toHaveLength(1);
    abort.abort();
    await expect(waiting).rejects.toThrow();

    const anHourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(cache, '.setup-lock', 'holder.json'), anHourAgo, anHourAgo);

    await expect(withSetupLock(cache, context(), async () => 'in')).resolves.toBe('in');
  });

  test('that a power cut left empty is stale', async () => {
    mkdirSync(join(cache, '.setup-lock'));
    writeFileSync(join(cache, '.setup-lock', 'holder.json'), '');

    await expect(withSetupLock(cache, context(), async () => 'in')).resolves.toBe('in');
  });

  async function ownHolder(): Promise<{ host: string }> {
    return withSetupLock(cache, context(), async () =>
      JSON.parse(readFileSync(join(cache, '.setup-lock', 'holder.json'), 'utf8')),
    );
  }
});

describe('a process', () => {
  test('is itself while it runs and nobody once it is dead', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    children.push(child);
    const identity = identify(child.pid ?? 0);
    expect(identity && isRunning(identity)).toBe(true);

    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(identity && isRunning(identity)).toBe(false);
  });
});
