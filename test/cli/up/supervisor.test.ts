import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunningInstance } from '../../../cli/up/instance-file.ts';
import { recordedProcesses } from '../../../cli/up/pid-files.ts';
import { runSupervisor } from '../../../cli/up/supervisor.ts';
import type { SupervisorPlan } from '../../../cli/up/supervisor-plan.ts';
import { UserError } from '../../../config/user-error.ts';
import { isAlive } from '../../../process/process-identity.ts';
import {
  binding,
  ended,
  fixtureService,
  instance,
  journalOf,
  ready,
  runFixture,
  steadyService,
  temporaryDirectory,
  until,
} from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let journal: string;
let log: PassThrough;
beforeEach(() => {
  directory = temporaryDirectory();
  journal = join(directory.path, 'journal');
  log = new PassThrough();
});
afterEach(() => directory.remove());

function run(plan: Partial<SupervisorPlan>) {
  const whole: SupervisorPlan = {
    binding,
    ports: [],
    instance,
    forMs: 100,
    steps: [
      { kind: 'worker', service: steadyService('collector', journal), dependsOn: ['migrate', 'paper'] },
      { kind: 'task', name: 'migrate', run: async () => undefined, dependsOn: ['postgres'] },
      { kind: 'server', service: steadyService('paper', journal), dependsOn: ['postgres'] },
      { kind: 'server', service: steadyService('postgres', journal), dependsOn: [] },
    ],
    ...plan,
  };
  return runSupervisor({ command: 'durabit up', dataDir: directory.path }, () => whole, log);
}

function nothingIsLeft(): void {
  expect(recordedProcesses(directory.path)).toEqual([]);
  expect(existsSync(join(directory.path, 'instance.json'))).toBe(false);
  expect(existsSync(join(directory.path, 'lock.json'))).toBe(false);
}

test('starts in order, tells when ready, ends after its time: workers, summary, servers', async () => {
  const states: unknown[] = [];
  const note = (what: string) => async () => {
    states.push(what, journalOf(journal).filter((line) => line.endsWith('ended')).length);
  };

  const result = await run({
    onReady: () => {
      states.push(readRunningInstance(directory.path)?.state);
    },
    onClosing: note('closing'),
    onEnd: note('end'),
  });

  expect(result).toEqual({
    reason: 'elapsed',
    wasReady: true,
    restarts: { collector: 0, paper: 0, postgres: 0 },
  });
  expect(journalOf(journal)).toEqual([
    'postgres started',
    'paper started',
    'collector started',
    'collector ended',
    'paper ended',
    'postgres ended',
  ]);
  expect(states).toEqual(['ready', 'closing', 0, 'end', 1]);
  expect(String(log.read())).toMatch(/^durabit {3}\| migrate done after \d\.\d s$/m);
  nothingIsLeft();
});

test('while it sets up, other commands see that', async () => {
  let state: unknown;
  const migrate = async () => {
    state = readRunningInstance(directory.path)?.state;
  };

  await run({ steps: [{ kind: 'task', name: 'migrate', run: migrate, dependsOn: [] }] });

  expect(state).toBe('setting-up');
});

test('other commands see how each part is doing, and that one was killed and is back', async () => {
  const partsSeen = () =>
    (readRunningInstance(directory.path)?.parts ?? []).map(({ name, state }) => `${name} ${state}`);
  let whileSettingUp: string[] = [];
  let whileReady: unknown;
  let whileStopping: string[] = [];

  await run({
    forMs: 50,
    steps: [
      { kind: 'server', service: steadyService('postgres', journal), dependsOn: [] },
      {
        kind: 'task',
        name: 'migrate',
        run: async () => {
          whileSettingUp = partsSeen();
        },
        dependsOn: ['postgres'],
      },
      { kind: 'worker', service: steadyService('collector', journal), dependsOn: ['migrate'] },
    ],
    onReady: async () => {
      const killed = recordedProcesses(directory.path).find(({ name }) => name === 'collector');
      if (killed) process.kill(killed.pid, 'SIGKILL');
      await until('collector is down', () => partsSeen().includes('collector down'));
      await until('collector is up', () => partsSeen().includes('collector up'));
      whileReady = readRunningInstance(directory.path)?.parts;
    },
    onEnd: async () => {
      whileStopping = partsSeen();
    },
  });

  expect(whileSettingUp).toEqual(['postgres up', 'collector waiting']);
  expect(whileReady).toEqual([
    expect.objectContaining({ name: 'postgres', state: 'up', restarts: 0, recentRestarts: [], lastEnd: null }),
    expect.objectContaining({ name: 'collector', state: 'up', restarts: 1, lastEnd: 'killed by SIGKILL' }),
  ]);
  expect(whileStopping).toEqual(['postgres up', 'collector stopped']);
  nothingIsLeft();
});

test('a part is kept alive although the other commands cannot be told of it', async () => {
  const file = join(directory.path, 'instance.json');
  let told = '';
  log.on('data', (chunk) => {
    told += chunk;
  });

  const result = await run({
    forMs: 50,
    steps: [{ kind: 'worker', service: steadyService('collector', journal), dependsOn: [] }],
    onReady: async () => {
      // A directory in its place: as a full disk, but for root too.
      rmSync(file);
      mkdirSync(file);
      const [killed] = recordedProcesses(directory.path);
      if (killed) process.kill(killed.pid, 'SIGKILL');
      await until('collector is back', () => told.includes('collector is back'));
      rmSync(file, { recursive: true });
    },
  });

  expect(result.restarts).toEqual({ collector: 1 });
  expect(told).toContain('cannot tell the other commands how the parts are doing');
  nothingIsLeft();
});

test('when a step fails, what was started is stopped and the fault is told', async () => {
  const migrate = () => Promise.reject(new UserError('the database is newer than this program'));

  const running = run({
    steps: [
      { kind: 'server', service: steadyService('postgres', journal), dependsOn: [] },
      { kind: 'task', name: 'migrate', run: migrate, dependsOn: ['postgres'] },
    ],
  });

  await expect(running).rejects.toThrow('the database is newer than this program');
  expect(journalOf(journal)).toEqual(['postgres started', 'postgres ended']);
  nothingIsLeft();
});

test('when a service cannot start, the others are stopped', async () => {
  const running = run({
    steps: [
      { kind: 'server', service: steadyService('postgres', journal), dependsOn: [] },
      { kind: 'server', service: fixtureService('paper', 'crashing'), dependsOn: ['postgres'] },
    ],
  });

  await expect(running).rejects.toThrow('paper did not start: exit code 3\n  cannot find my configuration');
  expect(journalOf(journal)).toEqual(['postgres started', 'postgres ended']);
  nothingIsLeft();
});

test('when the summary fails, everything is stopped all the same', async () => {
  await expect(run({ onEnd: () => Promise.reject(new Error('no summary')) })).rejects.toThrow('no summary');

  expect(journalOf(journal).at(-1)).toBe('postgres ended');
  nothingIsLeft();
});

test('a directory of another feed is refused before anything is started', async () => {
  await run({});
  const before = journalOf(journal).length;

  await expect(run({ binding: { ...binding, seed: 2 } })).rejects.toThrow('belongs to another feed');
  expect(journalOf(journal)).toHaveLength(before);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s stops everything in order', async (signal) => {
  const supervisor = runFixture('supervising', [directory.path, journal]);
  await ready(supervisor);

  supervisor.child.kill(signal);

  expect(await ended(supervisor.child)).toBe(0);
  expect(journalOf(journal)).toEqual(['paper started', 'collector started', 'collector ended', 'paper ended']);
  expect(supervisor.errors()).toMatch(/^durabit {3}\| ready after \d\.\d s$/m);
  nothingIsLeft();
});

test('a second Ctrl-C ends at once', async () => {
  const supervisor = runFixture('supervising', [directory.path, journal, 'stubborn']);
  await ready(supervisor);
  const pids = recordedProcesses(directory.path);

  supervisor.child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  supervisor.child.kill('SIGINT');

  expect(await ended(supervisor.child)).toBe(130);
  await until('no process is left', () => !pids.some(isAlive));
});

test('a signal during the start ends it and leaves nothing', async () => {
  const never = new Promise<void>(() => undefined);
  const starting = run({
    steps: [
      { kind: 'server', service: steadyService('postgres', journal), dependsOn: [] },
      {
        kind: 'task',
        name: 'endless',
        run: () => {
          process.emit('SIGTERM');
          return never;
        },
        dependsOn: ['postgres'],
      },
    ],
  });

  expect(await starting).toMatchObject({ reason: 'signal', wasReady: false });
  expect(journalOf(journal)).toEqual(['postgres started', 'postgres ended']);
  nothingIsLeft();
});

test('when whoever started it disappears, it stops in order', async () => {
  const supervisor = runFixture('supervising', [directory.path, journal]);
  await ready(supervisor);

  supervisor.child.disconnect();

  expect(await ended(supervisor.child)).toBe(0);
  expect(journalOf(journal).slice(-2)).toEqual(['collector ended', 'paper ended']);
});

test('killed with -9, it takes its children with it, and the next start begins cleanly', async () => {
  const supervisor = runFixture('supervising', [directory.path, journal]);
  await ready(supervisor);
  const children = recordedProcesses(directory.path);
  expect(children.map(({ name }) => name).sort()).toEqual(['collector', 'paper']);

  supervisor.child.kill('SIGKILL');
  await until('the children are gone', () => !children.some(isAlive));

  expect(readRunningInstance(directory.path)).toBeNull();
  await run({});
  nothingIsLeft();
});

test('a child is gone too when its parent was killed before it had loaded', async () => {
  const supervisor = runFixture('supervising', [directory.path, journal]);
  await until('the first child exists', () => recordedProcesses(directory.path).length > 0);
  const children = recordedProcesses(directory.path);

  supervisor.child.kill('SIGKILL');

  await until('the children are gone', () => ![...children, ...recordedProcesses(directory.path)].some(isAlive));
});

test('a second instance on the same directory leaves the first one alone', async () => {
  const first = runFixture('supervising', [directory.path, journal]);
  await ready(first);
  const before = readFileSync(join(directory.path, 'instance.json'), 'utf8');

  const second = runFixture('supervising', [directory.path, journal]);

  expect(await ended(second.child)).toBe(1);
  expect(second.errors()).toMatch(/^data directory .* is in use by durabit up \(pid \d+, started .*$/m);
  expect(readFileSync(join(directory.path, 'instance.json'), 'utf8')).toBe(before);
  first.child.kill('SIGTERM');
  expect(await ended(first.child)).toBe(0);
});
