import { mkdtempSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDotEnv } from '../../bin/door/dot-env.mjs';
import { cacheFolder } from '../../bin/door/places.mjs';

describe('the cache folder', () => {
  test.each([
    [{ DURABIT_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
    [{ XDG_CACHE_HOME: '/b' }, '/b/durabit'],
    [{ XDG_CACHE_HOME: 'relative' }, join(homedir(), '.cache', 'durabit')],
    [{ DURABIT_CACHE_DIR: '' }, join(homedir(), '.cache', 'durabit')],
  ])('%j: %s', (env, folder) => {
    expect(cacheFolder(env)).toBe(folder);
  });
});

describe('.env', () => {
  test('gives the Temporal settings, and only those', () => {
    const root = mkdtempSync(join(tmpdir(), 'door-env-'));
    writeFileSync(
      join(root, '.env'),
      'UPBIT_SECRET_KEY=secret\nexport TEMPORAL_ADDRESS="host:7233" # ours\nTEMPORAL_CLI_PATH=/opt/temporal # or so\n',
    );

    expect(readDotEnv(root)).toEqual({ TEMPORAL_ADDRESS: 'host:7233', TEMPORAL_CLI_PATH: '/opt/temporal' });
  });

  test('may be absent', () => {
    expect(readDotEnv('/nowhere')).toEqual({});
  });
});
