import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { childEnvironment } from '../../../cli/up/child-environment.ts';
import { recordedProcess } from '../../../cli/up/pid-files.ts';
import { createService, type Service } from '../../../cli/up/service.ts';
import { createServiceLog } from '../../../cli/up/service-log.ts';
import type { AfterRestart, ServicePlan } from '../../../cli/up/service-plan.ts';
import { isAlive } from '../../../process/process-identity.ts';
import { fixtureService, steadyService, temporaryDirectory, until } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let lines: string[];
let services: Service[];
beforeEach(() => {
  directory = temporaryDirectory();
  lines = [];
  services = [];
});
afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()));
  directory.remove();
});

function service(plan: ServicePlan, afterRestart?: AfterRestart): Service {
  const log = (speaker: string, line: string) => lines.push(`${speaker} | ${line}`);
  const made = createService(plan, { dataDir: directory.path, log }, afterRestart);
  services.push(made);
  return made;
}

const journal = () => join(directory.path, 'journal');

test('a killed service comes back while another goes on undisturbed', async () => {
  const collector = service(steadyService('collector', journal()));
  const trader = service(steadyService('trader', journal()));
  await Promise.all([collector.start(), trader.start()]);
  const [first, other] = ['collector', 'trader'].map((name) => recordedProcess(directory.path, name));
  if (!first || !other) throw new Error('no pid file');

  process.kill(first.pid, 'SIGKILL');
  await until('collector is back', () => lines.includes('durabit | collector is back'));

  expect(collector.restarts()).toBe(1);
  expect(trader.restarts()).toBe(0);
  expect(lines).toContain('durabit | collector ended (killed by SIGKILL); restart 1 in 250 ms');
  expect(recordedProcess(directory.path, 'collector')?.pid).not.toBe(first.pid);
  expect(isAlive(other)).toBe(true);
});

test('what must be seen to after a restart is tried until it succeeds, and not after the first start', async () => {
  let tries = 0;
  const temporal = service(steadyService('temporal', journal()), async () => {
    tries += 1;
    if (tries < 3) throw new Error('the exchange does not answer yet');
    return 'what was lost is there again';
  });
  await temporal.start();
  const run = recordedProcess(directory.path, 'temporal');
  if (!run) throw new Error('no pid file');
  expect(tries).toBe(0);

  process.kill(run.pid, 'SIGKILL');
  await until('it succeeded', () => lines.includes('durabit | what was lost is there again'));
  expect(tries).toBe(3);

  const said = lines.filter((line) => line.includes('but the exchange'));
  expect(said).toEqual([
    'durabit | temporal is back, but the exchange does not answer yet; trying again in 250 ms',
    'durabit | temporal is back, but the exchange does not answer yet; trying again in 500 ms',
  ]);
});

test('one that dies again and again waits longer each time', async () => {
  const collector = service(steadyService('collector', journal()));
  await collector.start();

  for (const waitMs of [250, 500]) {
    const run = recordedProcess(directory.path, 'collector');
    if (run) process.kill(run.pid, 'SIGKILL');
    await until(`wait of ${waitMs}`, () => lines.some((line) => line.endsWith(`in ${waitMs} ms`)));
    await until('back', () => lines.at(-1) === 'durabit | collector is back');
  }

  expect(collector.restarts()).toBe(2);
});

test('its lines are told with its name', async () => {
  await service(steadyService('collector', journal())).start();

  await until('hello', () => lines.includes('collector | collector says hello'));
});

test('stopping asks first: the service ends in order and is not started again', async () => {
  const collector = service(steadyService('collector', journal()));
  await collector.start();

  await collector.stop();

  expect(readFileSync(journal(), 'utf8')).toMatch(/^collector started \d+\ncollector ended \d+\n$/);
  expect(recordedProcess(directory.path, 'collector')).toBeNull();
  expect(collector.restarts()).toBe(0);
});

test('one that does not stop is killed', async () => {
  const stubborn = service({ ...fixtureService('stubborn', 'stubborn'), stopGraceMs: 200 });
  await stubborn.start();
  const run = recordedProcess(directory.path, 'stubborn');

  await stubborn.stop();

  expect(run && isAlive(run)).toBe(false);
  expect(lines).toContain('durabit | stubborn did not stop within 0.2 s; killing it');
});

test('one that cannot start is tried three times and its last words are quoted', async () => {
  const starting = service(fixtureService('trader', 'crashing')).start();

  await expect(starting).rejects.toThrow('trader did not start: exit code 3\n  cannot find my configuration');
  expect(lines.filter((line) => line === 'trader | cannot find my configuration')).toHaveLength(3);
});

test('a program that does not exist is named', async () => {
  const plan: ServicePlan = { ...steadyService('paper', journal()), command: '/nowhere/node' };

  await expect(service(plan).start()).rejects.toThrow(
    'paper did not start: it could not be run: spawn /nowhere/node ENOENT',
  );
});

test('one that never says that it is ready fails the start and is stopped', async () => {
  const plan: ServicePlan = {
    ...steadyService('quiet', journal()),
    args: ['-e', 'setInterval(() => undefined, 1_000)'],
    readyWithinMs: 300,
  };
  const starting = service(plan).start();

  await expect(starting).rejects.toThrow('quiet did not start: not ready within 0.3 s');
  expect(recordedProcess(directory.path, 'quiet')).toBeNull();
});

test('a child gets its surroundings and what it is given, no secret of anybody else', () => {
  const from = { PATH: '/bin', UPBIT_SECRET_KEY: 'secret', NODE_COMPILE_CACHE: '/cache' };

  expect(childEnvironment({ DATABASE_URL: 'postgres://x', UNSET: undefined }, from)).toEqual({
    PATH: '/bin',
    DATABASE_URL: 'postgres://x',
    NODE_COMPILE_CACHE: '/cache',
  });
});

test('log lines are padded to the longest name, coloured on a terminal only', () => {
  const [plain, terminal] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
  const write = (stream: PassThrough, env = {}) => createServiceLog(['collector', 'pg'], stream, env)('pg', 'up');
  write(plain);
  write(terminal);
  write(terminal, { NO_COLOR: '1' });

  expect(String(plain.read())).toBe('pg        | up\n');
  expect(String(terminal.read())).toBe('\u001b[32mpg        |\u001b[0m up\npg        | up\n');
});
