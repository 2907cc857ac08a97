import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasCluster } from '../../../cli/up/postgres-cluster.ts';
import { postgresPassword } from '../../../cli/up/postgres-password.ts';
import { temporaryDirectory } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let cluster: string;
beforeEach(() => {
  directory = temporaryDirectory();
  cluster = join(directory.path, 'postgres');
});
afterEach(() => directory.remove());

function makeCluster(version: string): void {
  for (const name of ['base', 'global']) mkdirSync(join(cluster, name), { recursive: true });
  writeFileSync(join(cluster, 'PG_VERSION'), `${version}\n`);
  writeFileSync(join(cluster, 'global', 'pg_control'), '');
}

test('no directory, or an empty one, is no cluster yet', () => {
  expect(hasCluster(directory.path, '18')).toBe(false);
  mkdirSync(cluster);
  expect(hasCluster(directory.path, '18')).toBe(false);
});

test('a complete cluster is used', () => {
  makeCluster('18');

  expect(hasCluster(directory.path, '18')).toBe(true);
});

test('a directory somebody else made is named with what is missing, and left as it is', () => {
  mkdirSync(cluster);
  writeFileSync(join(cluster, 'notes.txt'), 'mine');

  expect(() => hasCluster(directory.path, '18')).toThrow(
    `${cluster} is not a complete PostgreSQL cluster: PG_VERSION, base, global missing; ` +
      'move it away (it is of no use to a new cluster), or choose another with --data-dir',
  );
  expect(readdirSync(cluster)).toEqual(['notes.txt']);
});

test('a cluster of another version is not opened', () => {
  makeCluster('17');

  expect(() => hasCluster(directory.path, '18')).toThrow('was made by PostgreSQL 17, the embedded one is 18');
});

test('a file in its place is refused', () => {
  writeFileSync(cluster, '');

  expect(() => hasCluster(directory.path, '18')).toThrow('is a file; move it away');
});

test('a password lost while its cluster exists is not minted anew', () => {
  const minted = postgresPassword(directory.path);
  expect(postgresPassword(directory.path)).toBe(minted);

  const other = temporaryDirectory();
  cluster = join(other.path, 'postgres');
  makeCluster('18');

  expect(() => postgresPassword(other.path)).toThrow(/postgres-password is missing, so .* cannot be opened/);
  other.remove();
});
