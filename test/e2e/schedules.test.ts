import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import type { ScheduleState } from '../../schedules/operate.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

const execute = promisify(execFile);
const TCTL = join(import.meta.dirname, '..', '..', 'bin', 'tctl.mjs');

let bot: BotFolder;
beforeAll(async () => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
  bot = await openBotFolder();
});
afterAll(() => bot.remove());

async function startUp() {
  const { child, finished } = bot.start(['up', '--markets', 'KRW-BTC,KRW-ETH']);
  await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');
  return async () => {
    child.kill('SIGTERM');
    const { code, stderr } = await finished;
    expect(code, stderr).toBe(0);
  };
}

async function schedules(): Promise<Map<string, ScheduleState>> {
  const { stdout } = await bot.runHere(['schedules', '--json']);
  return new Map(JSON.parse(stdout).map((state: ScheduleState) => [state.schedule_id, state]));
}

async function pausedOnes(): Promise<Record<string, string | null>> {
  const paused = [...(await schedules()).values()].filter((state) => state.paused);
  return Object.fromEntries(paused.map(({ schedule_id, note }) => [schedule_id, note]));
}

it('what was paused in three ways stays paused through apply and a restart, and starts no run; the rest goes on', {
  timeout: 240_000,
}, async () => {
  const stop = await startUp();
  const chosen = ['collect-KRW-ETH', 'trade-KRW-ETH', 'trade-KRW-BTC'];
  await expect
    .poll(async () => [...(await schedules()).keys()], { timeout: 20_000 })
    .toEqual(expect.arrayContaining(chosen));
  const address = readRunningInstance(bot.dataDir)?.temporalAddress ?? '';
  const env = { ...process.env, DURABIT_DATA_DIR: bot.dataDir };

  await bot.run(['pause', 'collect', '--market', 'KRW-ETH', '--reason', 'delisted']);
  const toggle = ['schedule', 'toggle', '-s', 'trade-KRW-ETH', '--pause', '--reason', 'one market is enough'];
  const server = ['--address', address, '--namespace', 'durabit', '--disable-config-file'];
  await execute(process.env.TEMPORAL_CLI_PATH ?? 'temporal', [...toggle, ...server]);
  await execute(process.execPath, [TCTL, 'schedule', 'pause', '--schedule_id', 'trade-KRW-BTC'], { env });

  const paused = {
    'collect-KRW-ETH': expect.stringMatching(/^delisted \(.+ with durabit pause\)$/),
    'trade-KRW-ETH': 'one market is enough',
    'trade-KRW-BTC': expect.stringMatching(/^paused by .+ with npx tctl schedule pause$/),
  };
  expect(await pausedOnes()).toEqual(paused);
  expect((await bot.run(['schedules', 'apply'])).code).toBe(0);
  expect(await pausedOnes()).toEqual(paused);
  const before = await schedules();
  await stop();

  const stopAgain = await startUp();
  expect(await pausedOnes()).toEqual(paused);
  const runs = async (id: string) => (await schedules()).get(id)?.runs ?? 0;
  await expect
    .poll(() => runs('collect-KRW-BTC'), { timeout: 20_000 })
    .toBeGreaterThan((before.get('collect-KRW-BTC')?.runs ?? 0) + 2);
  for (const id of Object.keys(paused)) expect(await runs(id)).toBe(before.get(id)?.runs);
  await stopAgain();
});
