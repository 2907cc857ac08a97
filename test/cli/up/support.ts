import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { childEnvironment } from '../../../cli/up/child-environment.ts';
import type { DataBinding } from '../../../cli/up/data-binding.ts';
import type { RunAddresses } from '../../../cli/up/run-addresses.ts';
import type { ServicePlan } from '../../../cli/up/service-plan.ts';

export const binding: DataBinding = { feed: 'simulated', replayFiles: [], seed: 1 };

export const instance: Omit<RunAddresses, 'markets'> & { readonly markets: readonly string[] } = {
  databaseUrl: 'postgres://durabit:secret@127.0.0.1:54329/durabit',
  temporalAddress: '127.0.0.1:7233',
  temporalNamespace: 'durabit',
  temporalUiUrl: 'http://127.0.0.1:8233',
  account: null,
  exchangeUrl: 'http://127.0.0.1:8787',
  paperControlUrl: null,
  dashboardUrl: null,
  feed: 'simulated',
  markets: ['KRW-BTC'],
  candleIntervalMs: 1_000,
  speed: 60,
  timeframe: '1m',
};

/** A data directory of its own, removed when the callback given is called. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-up-')));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

function fixture(name: string): string {
  return join(import.meta.dirname, 'fixtures', `${name}.ts`);
}

export function fixtureService(name: string, script: string, args: readonly string[] = []): ServicePlan {
  return {
    name,
    command: process.execPath,
    args: [fixture(script), ...args],
    env: childEnvironment(),
  };
}

export function steadyService(name: string, journal: string): ServicePlan {
  return fixtureService(name, 'steady', [name, journal]);
}

/** A fixture as a process of the test's own, with what it writes to its errors. */
export function runFixture(name: string, args: readonly string[]): { child: ChildProcess; errors: () => string } {
  const env = childEnvironment({ TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH });
  const child = spawn(process.execPath, [fixture(name), ...args], { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  return { child, errors: () => errors };
}

/** Resolves when a fixture says it is ready. @throws what it wrote when it ends instead. */
export function ready(run: { child: ChildProcess; errors: () => string }): Promise<void> {
  return new Promise((resolve, reject) => {
    run.child.once('message', () => resolve());
    run.child.once('close', () => reject(new Error(run.errors())));
  });
}

export function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? child.signalCode);
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
}

/** Asks until the answer is yes. @throws when it is not within `ms`. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const giveUpAt = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${ms} ms`);
    await pause(20);
  }
}

/** What the steady children noted, in order, without their pids: `collector started`. */
export function journalOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.replace(/ \d+$/, ''));
}
