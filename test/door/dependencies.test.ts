import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { COMMANDS, dependenciesReady, installDependencies, stampOf } from '../../bin/door/dependencies.mjs';
import packageJson from '../../package.json' with { type: 'json' };

const node = { path: process.execPath, major: 24 };

let root: string;
let npmCalls: string[][];

beforeEach(() => {
  // The progress lines of these installs would drown the test report.
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  root = mkdtempSync(join(tmpdir(), 'door-dependencies-'));
  npmCalls = [];
  mkdirSync(join(root, 'bin'));
  for (const name of COMMANDS) writeFileSync(join(root, 'bin', `${name}.mjs`), '');
  lock({ 'node_modules/ky': { version: '2.1.0' } });
});

afterEach(() => {
  vi.restoreAllMocks();
});

function lock(packages: object, file = 'package-lock.json'): void {
  writeFileSync(join(root, file), JSON.stringify({ packages: { '': {}, ...packages } }));
}

/** Stands for npm: empties node_modules, as `npm ci` does, and fills it. */
async function npm(_program: string, args: string[]) {
  npmCalls.push(args);
  rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  mkdirSync(join(root, 'node_modules'));
  return { ok: true, stdout: [], output: '' };
}

async function interruptedNpm(program: string, args: string[]): Promise<never> {
  await npm(program, args);
  throw new Error('killed');
}

describe('dependencies', () => {
  test('are installed when there are none, and then found ready', async () => {
    expect(dependenciesReady(root, 24)).toBe(false);

    await installDependencies(root, node, npm);

    expect(npmCalls).toHaveLength(1);
    expect(dependenciesReady(root, 24)).toBe(true);
  });

  test('are installed again when the lockfile has changed', async () => {
    await installDependencies(root, node, npm);
    lock({ 'node_modules/ky': { version: '2.2.0' } });

    expect(dependenciesReady(root, 24)).toBe(false);
    await installDependencies(root, node, npm);

    expect(npmCalls).toHaveLength(2);
  });

  test('are installed again for another major Node', async () => {
    await installDependencies(root, node, npm);

    expect(dependenciesReady(root, 26)).toBe(false);
  });

  test('are not ready after an interrupted install', async () => {
    await installDependencies(root, node, npm);
    lock({ 'node_modules/ky': { version: '2.2.0' } });
    await expect(installDependencies(root, node, interruptedNpm)).rejects.toThrow('killed');

    expect(dependenciesReady(root, 24)).toBe(false);
  });

  test('that npm installed by hand are taken as they are', async () => {
    mkdirSync(join(root, 'node_modules'));
    lock({ 'node_modules/ky': { version: '2.1.0' } }, 'node_modules/.package-lock.json');

    await installDependencies(root, node, npm);

    expect(npmCalls).toEqual([]);
    expect(dependenciesReady(root, 24)).toBe(true);
  });

  test.each([
    ['another version', { 'node_modules/ky': { version: '2.0.0' } }],
    ['a missing package', {}],
  ])('with %s are installed', async (_fault, installed) => {
    mkdirSync(join(root, 'node_modules'));
    lock(installed, 'node_modules/.package-lock.json');

    await installDependencies(root, node, npm);

    expect(npmCalls).toHaveLength(1);
  });

  test("lack neither other platforms' binaries nor forgive a lacking one of this platform", async () => {
    const ours = { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] };
    const theirs = { version: '1.0.0', optional: true, os: ['aix'], cpu: ['ppc64'] };
    mkdirSync(join(root, 'node_modules'));
    lock({}, 'node_modules/.package-lock.json');

    lock({ 'node_modules/theirs': theirs });
    await installDependencies(root, node, npm);
    expect(npmCalls).toHaveLength(0);

    lock({ 'node_modules/ours': ours });
    await installDependencies(root, node, npm);
    expect(npmCalls).toHaveLength(1);
  });

  test.each(COMMANDS)('bring the command %s, so that npx finds it', async (name) => {
    await installDependencies(root, node, npm);

    const link = join(root, 'node_modules', '.bin', name);
    expect(readlinkSync(link)).toBe(`../../bin/${name}.mjs`);
    expect(existsSync(link)).toBe(true);
    expect(dependenciesReady(root, node.major)).toBe(true);
    rmSync(link);
    expect(dependenciesReady(root, node.major), 'without it they are not ready').toBe(false);
  });
});

test('all commands that package.json names are brought', () => {
  expect(Object.keys(packageJson.bin)).toEqual(COMMANDS);
});

test('a stamp tells lockfiles and Node versions apart', () => {
  expect(stampOf('a', 24)).toBe(stampOf('a', 24));
  expect(new Set([stampOf('a', 24), stampOf('b', 24), stampOf('a', 26)]).size).toBe(3);
});
