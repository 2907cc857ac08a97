import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recordedProcesses } from '../../cli/up/pid-files.ts';
import { isRunning } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

const program = join(import.meta.dirname, '..', '..', 'cli', 'demo', 'crash.ts');

beforeAll(() => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
});

/** The demo as `npm run demo:crash` starts it, its temporary folder inside one of ours. */
function startDemo(...args: string[]) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-demo-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGTERM'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, folder, said: () => said, code };
}

describe('npm run demo:crash', () => {
  it('kills each part in the middle of an order, counts each order once on both sides, removes its folder', {
    timeout: 180_000,
  }, async () => {
    // Two seconds a candle: orders keep coming while other tests keep the machine busy.
    const demo = startDemo('--rounds', '1', '--speed', '30');

    expect(await demo.code, demo.said()).toBe(0);

    const [candles, orders] = demo.said().trim().split('\n').slice(-2);
    expect(candles).toMatch(/^candles closed \d+, candles missing 0$/);
    const [, there, here] =
      /^orders at the exchange (\d+), in the ledger (\d+), duplicates 0, lost 0$/.exec(orders ?? '') ?? [];
    expect(Number(there)).toBeGreaterThan(0);
    expect(here).toBe(there);
    expect(demo.said()).toMatch(/(being sent|accepted, not booked|just \w+) .*back after \d/);
    expect(readdirSync(demo.folder).filter((name) => name.startsWith('durabit-crash-'))).toEqual([]);
  });

  it('leaves no process and no folder behind when interrupted', { timeout: 90_000 }, async () => {
    const demo = startDemo();
    await expect.poll(demo.said, { timeout: 60_000, interval: 50 }).toContain('ready; now');
    const folder = join(demo.folder, readdirSync(demo.folder).find((name) => name.startsWith('durabit-crash-')) ?? '');
    const parts = recordedProcesses(join(folder, 'data')).map(({ pid }) => pid);
    expect(parts.length).toBeGreaterThanOrEqual(8);

    demo.child.kill('SIGINT');

    expect(await demo.code).toBe(130);
    expect(parts.filter(isRunning)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it('refuses options that make no sense, with its usage', { timeout: 20_000 }, async () => {
    const demo = startDemo('--rounds', '0');

    expect(await demo.code).toBe(2);
    expect(demo.said()).toMatch(/--rounds "0" must be a whole number, 1 to 10\nusage: npm run demo:crash/);
  });
});
