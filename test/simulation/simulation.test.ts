import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Proof } from './self-test.ts';

const run = promisify(execFile);

/** In a process of its own: the simulator puts its clock and its network in the place of the real ones. */
async function simulate(...args: string[]): Promise<{ readonly code: number; readonly json: unknown }> {
  const command = ['test/simulation/run.ts', '--json', ...args];
  const ended = await run(process.execPath, command).catch((error) => error);
  return { code: ended.code ?? 0, json: JSON.parse(ended.stdout) };
}

describe('the simulator', { timeout: 240_000 }, () => {
  it('finds nothing in the bot as it is, tells a seed twice alike, and finds every fault that is put in', async () => {
    const { code, json } = await simulate('--self-test');
    const { repeats, asItIs, found, text } = json as Proof;

    expect(asItIs.violations, text).toEqual([]);
    expect(asItIs.halts, 'halts that were checked').toBeGreaterThan(0);
    expect(repeats).toBe(true);
    expect(Object.entries(found).filter(([, one]) => one === null)).toEqual([]);
    expect(code).toBe(0);
  });
});
