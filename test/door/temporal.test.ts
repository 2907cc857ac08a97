import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { SetupFault } from '../../bin/door/fault.mjs';
import { findGo } from '../../bin/door/go.mjs';
import { describeGoFailure } from '../../bin/door/temporal-build.mjs';
import { obtainTemporal } from '../../bin/door/temporal-obtain.mjs';
import { cachedTemporal, findTemporal } from '../../bin/door/temporal-search.mjs';

const WORKING = '#!/bin/sh\ncase "$1" in --version) echo temporal version 1.8.2;; *) echo start-dev;; esac\n';
const OTHER_PROGRAM = '#!/bin/sh\necho a time machine\n';
const BROKEN = '#!/bin/sh\nexit 1\n';

let folder: string;
let places: { root: string; cache: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'door-temporal-'));
  places = { root: join(folder, 'project'), cache: join(folder, 'cache') };
  mkdirSync(join(places.root, 'ops', 'temporal-cli'), { recursive: true });
  const goMod = 'module x\n\ngo 1.26.4\n\nrequire github.com/temporalio/cli v1.8.2\n';
  writeFileSync(join(places.root, 'ops', 'temporal-cli', 'go.mod'), goMod);
});

function program(path: string, script: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return file;
}

const cache = () => program('cache/temporal/1.8.2/temporal', WORKING);

describe('where a Temporal CLI is looked for', () => {
  test('first where TEMPORAL_CLI_PATH says', () => {
    const named = program('named/temporal', WORKING);
    program('path/temporal', WORKING);
    cache();

    const found = findTemporal(places, { TEMPORAL_CLI_PATH: named, PATH: join(folder, 'path') });

    expect(found).toEqual({ path: named, source: `TEMPORAL_CLI_PATH (${named})` });
  });

  test('then on PATH, its folders in order', () => {
    const first = program('first/temporal', WORKING);
    program('second/temporal', WORKING);
    cache();

    const found = findTemporal(places, {
      PATH: `${join(folder, 'empty')}:${join(folder, 'first')}:${join(folder, 'second')}`,
    });

    expect(found).toEqual({ path: first, source: `PATH (${first})` });
  });

  test('then in the cache, also when something else on PATH bears the name', () => {
    program('path/temporal', OTHER_PROGRAM);
    const cached = cache();

    const found = findTemporal(places, { PATH: join(folder, 'path') });

    expect(found).toEqual({ path: cached, source: `durabit's cache (${cached})` });
  });

  test('and nowhere else', () => {
    expect(findTemporal(places, { PATH: join(folder, 'path') })).toBeUndefined();
  });

  test('a named one that does not work is a fault, not a reason to build another', () => {
    const named = program('named/temporal', BROKEN);
    cache();

    expect(() => findTemporal(places, { TEMPORAL_CLI_PATH: named })).toThrow(`TEMPORAL_CLI_PATH=${named} is not`);
  });

  test('a binary of another version in the cache is not taken', () => {
    program('cache/temporal/1.7.0/temporal', WORKING);

    expect(findTemporal(places, {})).toBeUndefined();
  });
});

describe('how a Temporal CLI is obtained', () => {
  const run = async () => ({ ok: true, stdout: [], output: '' });
  const failing = (name: string, message: string) => ({
    name,
    source: name,
    get: async () => {
      throw new SetupFault(message);
    },
  });
  const bringing = (name: string, script: string) => ({
    name,
    source: name,
    get: async (context: { folder: string }) => {
      const file = join(context.folder, 'whatever-name');
      writeFileSync(file, script);
      chmodSync(file, 0o755);
      return file;
    },
  });

  test('by the first way that works; it is in the cache from then on', async () => {
    const ways = [failing('download', 'no network'), bringing('build', WORKING), failing('never', 'tried')];

    const temporal = await obtainTemporal(places, 'node', run, ways);

    expect(temporal).toEqual({ path: cachedTemporal(places), source: `build (${cachedTemporal(places)})` });
    expect(findTemporal(places, {})?.path).toBe(temporal.path);
    expect(readdirSync(dirname(temporal.path))).toEqual(['temporal']);
  });

  test('never by a binary that does not run here', async () => {
    const ways = [bringing('download', BROKEN), bringing('build', WORKING)];

    await expect(obtainTemporal(places, 'node', run, ways)).resolves.toMatchObject({
      source: expect.stringMatching(/^build/),
    });
  });

  test('when all ways fail one message says why and lists what to do', async () => {
    const ways = [failing('download', 'no network'), failing('build', 'no Go')];

    const failure = await obtainTemporal(places, 'node', run, ways).catch((error: Error) => error);

    expect(failure).toBeInstanceOf(SetupFault);
    const { message } = failure as Error;
    for (const part of [
      'download: no network',
      'build: no Go',
      'TEMPORAL_CLI_PATH',
      'TEMPORAL_ADDRESS',
      'install Go 1.21',
    ]) {
      expect(message).toContain(part);
    }
    expect(readdirSync(dirname(cachedTemporal(places)))).toEqual([]);
  });
});

describe('Go', () => {
  const go = (version: string) => program('go/go', `#!/bin/sh\necho ${version}\n`);

  test('is taken from PATH, else from where its installer puts it', () => {
    const installed = go('go1.21.0');

    expect(findGo(join(folder, 'go'), [])).toBe(installed);
    expect(findGo('', [installed])).toBe(installed);
  });

  test.each([
    ['go1.20.14', /is Go 1\.20; 1\.21 or newer is needed/],
    ['nonsense', /1\.21 or newer/],
  ])('%s is refused', (version, message) => {
    go(version);

    expect(() => findGo(join(folder, 'go'), [])).toThrow(message);
  });

  test('is missed in one sentence', () => {
    expect(() => findGo('', [])).toThrow('Go is neither on PATH nor in /usr/local/go');
  });

  test.each([
    ['write /x: no space left on device', 'the disk is full'],
    ['Get "https://x": dial tcp: lookup x: no such host', 'the Go module proxy cannot be reached'],
    ['mkdir /x: permission denied', 'are not writable'],
    ['go: downloading a v1\nx.go:1: syntax error', 'Go said: x.go:1: syntax error'],
  ])('failing with %j: %s', (output, sentence) => {
    expect(describeGoFailure(output)).toContain(sentence);
  });
});
