import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isNewEnough } from '../../bin/door/node-version.mjs';
import { temporalFlags } from '../../cli/up/temporal-flags.ts';
import { TASK_QUEUES } from '../../workers/task-queues.ts';
import { type ComposedService, composeFile, isOneShot, ownServices, ROOT } from './compose-file.ts';

const file = composeFile();
const all = Object.entries(file.services);
const lasting = all.filter(([, service]) => !isOneShot(service));
const oneShots = all.filter(([, service]) => isOneShot(service));
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

function service(name: string): ComposedService {
  const found = file.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** Everything that is up or done before a service starts. */
function startedBefore(name: string): Set<string> {
  const direct = Object.keys(service(name).depends_on ?? {});
  return new Set([...direct, ...direct.flatMap((one) => [...startedBefore(one)])]);
}

describe('the services', () => {
  test('one for each task queue, and what they need', () => {
    expect(lasting.map(([name]) => name).sort()).toEqual(
      [...Object.keys(TASK_QUEUES), 'exchange', 'postgres', 'temporal', 'temporal-postgres', 'temporal-ui'].sort(),
    );
    for (const queue of Object.keys(TASK_QUEUES)) {
      expect(service(queue).command).toEqual(['node', 'ops/compose/worker.ts', queue]);
      expect(service(queue).healthcheck?.test).toEqual(['CMD', 'node', 'ops/compose/worker-health.ts', queue]);
    }
  });

  test.each(lasting)('%s comes back by itself, is asked for its health, has a memory limit', (_, one) => {
    expect(one.restart).toBe('unless-stopped');
    expect(one.healthcheck?.test[0]).toBe('CMD');
    expect(one.deploy?.resources.limits.memory).toMatch(/^\d+[MG]$/);
  });

  test.each(all)('%s is pinned by version, gains no rights, and its log cannot fill the disk', (_, one) => {
    expect(one.image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    expect(one.security_opt).toContain('no-new-privileges:true');
    expect(one.logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } });
  });

  test('publish on this machine only', () => {
    const ports = all.flatMap(([, one]) => one.ports ?? []);
    expect(ports.sort()).toEqual([
      '127.0.0.1:54329:5432',
      '127.0.0.1:7233:7233',
      '127.0.0.1:8233:8080',
      '127.0.0.1:8787:8787',
    ]);
  });

  test('keep what must last in named volumes', () => {
    const mounted = Object.fromEntries(
      all.flatMap(([name, one]) => (one.volumes ?? []).map((volume) => [name, volume])),
    );
    expect(mounted).toEqual({
      postgres: 'bot-database:/var/lib/postgresql',
      'temporal-postgres': 'temporal-database:/var/lib/postgresql',
      exchange: 'paper-exchange:/var/lib/durabit',
    });
    expect(Object.keys(file.volumes).sort()).toEqual(['bot-database', 'paper-exchange', 'temporal-database']);
  });

  test.each(['postgres', 'temporal-postgres'])('%s is durable', (name) => {
    expect(service(name).command).toEqual(expect.arrayContaining(['fsync=on', 'synchronous_commit=on']));
  });

  test('a worker gets longer to end than it gives itself', () => {
    const own = /}, (\d+)_000\);/.exec(readFileSync(join(ROOT, 'workers', 'run-worker.ts'), 'utf8'))?.[1];
    for (const queue of Object.keys(TASK_QUEUES)) {
      expect(Number.parseInt(service(queue).stop_grace_period ?? '0', 10)).toBeGreaterThan(Number(own));
    }
  });
});

describe('the order', () => {
  test.each(all)('%s waits for servers to be healthy and for one-shots to have succeeded', (_, one) => {
    for (const [name, { condition }] of Object.entries(one.depends_on ?? {})) {
      expect([name, condition]).toEqual([
        name,
        isOneShot(service(name)) ? 'service_completed_successfully' : 'service_healthy',
      ]);
    }
  });

  test('every one-shot but the last holds something back until it is done', () => {
    const awaited = new Set(all.flatMap(([, one]) => Object.keys(one.depends_on ?? {})));
    expect(oneShots.map(([name]) => name).filter((name) => !awaited.has(name))).toEqual(['schedules']);
  });

  test.each(Object.keys(TASK_QUEUES))('%s starts after database, account and namespace are in order', (queue) => {
    expect([...startedBefore(queue)]).toEqual(
      expect.arrayContaining(['migrations', 'account', 'namespace', 'temporal-schema', 'exchange', 'postgres']),
    );
  });

  test('what deletes schedules has asked first whether this bot may start, and whose they are', () => {
    expect([...startedBefore('account')]).toEqual(expect.arrayContaining(['migrations', 'namespace', 'exchange']));
  });

  test('schedules come last, so that their first runs find a worker', () => {
    expect([...startedBefore('schedules')]).toEqual(expect.arrayContaining(Object.keys(TASK_QUEUES)));
  });
});

describe('our own image', () => {
  test.each(ownServices(file))('%s cannot write to it and has no capabilities', (_, one) => {
    expect(one).toMatchObject({ read_only: true, init: true, cap_drop: ['ALL'] });
  });

  test('is built once, under the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(new Set(ownServices(file).map(([, { image }]) => image))).toEqual(new Set([`durabit:${version}`]));
    expect(ownServices(file).filter(([, { build }]) => build !== undefined)).toHaveLength(1);
  });

  test.each(ownServices(file))('%s runs a program that is there', (_, one) => {
    const program = one.command?.[1] ?? '';
    expect(existsSync(join(ROOT, program))).toBe(true);
  });

  test('runs as nobody special, on a pinned Node of the version the project wants', () => {
    expect(/^USER (\S+)$/m.exec(dockerfile)?.[1]).toBe('node');
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toHaveLength(2);
    for (const base of bases) {
      const version = /^node:(\d+\.\d+\.\d+)-\w+-slim$/.exec(base ?? '')?.[1] ?? '';
      expect([base, isNewEnough(version)]).toEqual([base, true]);
    }
  });

  test('holds the workflow bundle where the workers look for it', () => {
    const built = /build-bundle\.ts (\S+)/.exec(dockerfile)?.[1];
    expect(dockerfile).toContain(`DURABIT_WORKFLOW_BUNDLE=${built}`);
  });

  test('leaves secrets and state out', () => {
    const left = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    expect(left).toEqual(expect.arrayContaining(['.env', '.env.*', 'data', 'data-*', '.git', 'node_modules']));
  });
});

describe('the Temporal server', () => {
  test('has the same dynamic settings as the embedded one', () => {
    const path = file.configs['temporal-dynamic-config']?.file ?? '';
    const composed = parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, { value: unknown }[]>;
    const flags = temporalFlags({ database: '', port: 1, uiPort: 2 });
    const embedded = flags
      .filter((_, index) => flags[index - 1] === '--dynamic-config-value')
      .map((flag) => flag.split('=') as [string, string]);
    expect(Object.entries(composed).map(([key, [first]]) => [key, first?.value])).toEqual(
      embedded.map(([key, value]) => [key, JSON.parse(value)]),
    );
  });

  test('is of one version with the tool that makes its schema, and keeps its number of shards for ever', () => {
    const { image, environment } = service('temporal');
    expect(image.split(':')[1]).toBe(service('temporal-schema').image.split(':')[1]);
    expect(environment?.NUM_HISTORY_SHARDS).toBe('4');
  });

  test('is of the version that the tests of workflows run on', () => {
    const module = readFileSync(join(ROOT, 'ops', 'temporal-cli', 'go.mod'), 'utf8');
    expect(module).toContain(`go.temporal.io/server v${service('temporal').image.split(':')[1]} `);
    expect(module).toContain(`github.com/temporalio/ui-server/v2 v${service('temporal-ui').image.split(':')[1]} `);
  });
});
