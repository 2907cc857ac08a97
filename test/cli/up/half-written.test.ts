import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasCluster } from '../../../cli/up/postgres-cluster.ts';
import { runSupervisor } from '../../../cli/up/supervisor.ts';
import { binding, instance, temporaryDirectory } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test.each(['PG_VERSION', 'base', 'global', 'global/pg_control'])(
  'a cluster without %s is not taken for one',
  (part) => {
    const cluster = join(directory.path, 'postgres');
    for (const name of ['base', 'global']) mkdirSync(join(cluster, name), { recursive: true });
    writeFileSync(join(cluster, 'PG_VERSION'), '18\n');
    writeFileSync(join(cluster, 'global', 'pg_control'), '');
    expect(hasCluster(directory.path, '18')).toBe(true);
    rmSync(join(cluster, part), { recursive: true });

    expect(() => hasCluster(directory.path, '18')).toThrow(`not a complete PostgreSQL cluster: ${part}`);
  },
);

test('a first start that fails does not tie the directory to its feed', async () => {
  const fail = () => Promise.reject(new Error('the file is faulty'));
  const steps = [{ kind: 'task', name: 'fail', run: fail, dependsOn: [] }] as const;
  const start = runSupervisor({ command: 'durabit up', dataDir: directory.path }, () => {
    return { binding, ports: [], instance, steps };
  });

  await expect(start).rejects.toThrow('the file is faulty');
  expect(existsSync(join(directory.path, 'binding.json'))).toBe(false);
});
