import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../config/settings.ts';
import { composeFile, ROOT, SECRETS } from './compose-file.ts';

/** A project folder with nothing but the script in it. */
function project(dotEnv?: string): { folder: string; run: () => string; env: () => Record<string, string> } {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'ops', 'compose', 'env.sh');
  cpSync(join(ROOT, 'ops', 'compose', 'env.sh'), script, { recursive: true });
  if (dotEnv !== undefined) writeFileSync(join(folder, '.env'), dotEnv);
  return {
    folder,
    run: () => execFileSync('sh', [script], { encoding: 'utf8', cwd: '/' }),
    env: () => parseEnv(readFileSync(join(folder, '.env'), 'utf8')) as Record<string, string>,
  };
}

test('it gives every secret the compose file asks for, for its owner’s eyes only', () => {
  const { folder, run, env } = project();

  run();

  expect(Object.keys(env()).sort()).toEqual(Object.keys(SECRETS).sort());
  expect(new Set(Object.values(env())).size).toBe(4);
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
  const trader = composeFile(env()).services.trader?.environment ?? {};
  expect(readSettings(trader).UPBIT_ACCESS_KEY).toMatch(/^paper-[0-9a-f]{16}$/);
  // Part of an address: nothing in it may need to be written in another way there.
  expect(new URL(trader.DATABASE_URL ?? '').password).toBe(env().DATABASE_PASSWORD);
});

test('a second time changes nothing', () => {
  const { run, env } = project();
  run();
  const first = env();

  expect(run()).not.toContain('added');

  expect(env()).toEqual(first);
});

test('it keeps what .env has, even where the last line has no end', () => {
  const { run, env } = project('MARKETS=KRW-ETH\nPAPER_ACCESS_KEY=mine\nDATABASE_PASSWORD=\nTHRESHOLD=0.3');

  run();

  expect(env()).toMatchObject({ MARKETS: 'KRW-ETH', PAPER_ACCESS_KEY: 'mine', THRESHOLD: '0.3' });
  expect(env().DATABASE_PASSWORD).toMatch(/^[0-9a-f]{48}$/);
});
