import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findGo, goEnvironment } from '../../bin/door/go.mjs';
import { composeFile, ROOT, SECRETS } from './compose-file.ts';

/** The parts of the parser's answer that are held against our own reading of the file. */
interface ParsedProject {
  readonly name: string;
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly environment?: Readonly<Record<string, string>>;
        readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required: boolean }>>;
        readonly ports?: readonly { readonly host_ip: string; readonly published: string }[];
        readonly restart?: string;
      }
    >
  >;
}

const SOURCE = join(import.meta.dirname, 'compose-parser');
const folder = mkdtempSync(join(tmpdir(), 'durabit-compose-'));
const program = join(folder, 'compose-parser');
const unavailable = whyUnavailable();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The parser of `docker compose` is Go: where there is none, or its modules cannot be had, CI must do. */
function whyUnavailable(): string | undefined {
  try {
    execFileSync(findGo(process.env.PATH), ['mod', 'download'], goOptions());
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    console.warn(`not held against the parser of docker compose: ${why}`);
    return why;
  }
}

function goOptions() {
  return { cwd: SOURCE, env: goEnvironment(process.env), stdio: 'pipe' as const, timeout: 120_000 };
}

function parseWith(values: Readonly<Record<string, string>>): ParsedProject {
  const settings = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const answer = execFileSync(program, ['docker-compose.yml', ...settings], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return JSON.parse(answer) as ParsedProject;
}

beforeAll(() => {
  if (unavailable === undefined) execFileSync(findGo(process.env.PATH), ['build', '-o', program, '.'], goOptions());
}, 180_000);

test.skipIf(unavailable)('the parser of docker compose reads the file as these tests do', () => {
  const { name, services } = parseWith(SECRETS);

  expect(name).toBe('durabit');
  const shape = (service: object) => {
    const { image, restart, environment = {}, depends_on = {} } = service as ParsedProject['services'][string];
    const conditions = Object.entries(depends_on).map(([on, { condition }]) => [on, condition]);
    return { image, restart, environment, dependsOn: Object.fromEntries(conditions) };
  };
  const byName = (all: object) => Object.fromEntries(Object.entries(all).map(([key, one]) => [key, shape(one)]));
  expect(byName(services)).toEqual(byName(composeFile().services));
});

test.skipIf(unavailable)('it publishes every port on this machine only', () => {
  const published = Object.values(parseWith(SECRETS).services).flatMap(({ ports = [] }) => ports);
  expect(published.map(({ host_ip }) => host_ip)).toEqual(Array(4).fill('127.0.0.1'));
});

test.skipIf(unavailable)('it says which command gives a secret that is missing', () => {
  const { PAPER_SECRET_KEY: _, ...others } = SECRETS;
  expect(() => parseWith(others)).toThrow(/PAPER_SECRET_KEY .*run sh ops\/compose\/env\.sh once/);
});
