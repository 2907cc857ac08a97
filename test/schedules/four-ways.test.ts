import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { operatorName } from '../../cli/commands/operate.ts';
import { createProgram } from '../../cli/program.ts';
import { perform } from '../../cli/tctl/perform.ts';
import { translate } from '../../cli/tctl/translate.ts';
import { removeInstance, writeInstance } from '../../cli/up/instance-file.ts';
import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import { parseMarket } from '../../config/market.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { describeSchedule, listSchedules } from '../../schedules/operate.ts';
import { instance, until } from '../cli/up/support.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

const MARKET = parseMarket('KRW-BTC');
const ID = 'collect-KRW-BTC';
const ROOT = join(import.meta.dirname, '..', '..');
/** Many processes, one after the other, on a machine that may be busy. */
const patience = { timeout: 120_000 };

let bot: BotFolder;
let client: Client;
let namespace: string;
let close: () => Promise<void>;

/** A running bot as the commands see it: an instance file, and a schedule in a namespace of its own. */
beforeAll(async () => {
  bot = await openBotFolder();
  namespace = `ways-${randomUUID().slice(0, 8)}`;
  const address = temporalAddress();
  const where = { temporalAddress: address, temporalNamespace: namespace };
  // An hour, so that no tick comes between two looks.
  const details = { ...instance, ...where, markets: [MARKET], candleIntervalMs: 3_600_000 };
  await prepareTemporal(details);
  const connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  await applySchedules(client, { markets: [MARKET], timeframe: '1m', intervalMs: 3_600_000 });
  await until('the schedule is listed', async () => (await listSchedules(client)).length === 1);
  writeInstance(bot.dataDir, details, 'ready', new Date());
  close = async () => {
    removeInstance(bot.dataDir);
    await endRuns();
    await client.schedule.getHandle(ID).delete();
    await connection.close();
    bot.remove();
  };
});
afterAll(() => close());

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program as it is typed. Starting node takes most of the time here, so that it is done once for each program. */
function execute(file: string, args: readonly string[]): Promise<Ended> {
  const options = { env: { ...process.env, DURABIT_DATA_DIR: bot.dataDir } };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, stdout, stderr });
    });
  });
}

/** What `command` writes when it runs in this process. @throws what it throws */
async function heard(command: () => Promise<unknown>): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    await command();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return { code: 0, ...written };
}

const durabit = (line: string) =>
  heard(() => createProgram().parseAsync([...line.split(' '), '--data-dir', bot.dataDir], { from: 'user' }));
const tctl = (line: string, env: NodeJS.ProcessEnv = {}) =>
  heard(() => perform(translate(line.split(' ')), { ...process.env, DURABIT_DATA_DIR: bot.dataDir, ...env }));
const tctlProcess = (line: string) =>
  execute(process.execPath, [join(ROOT, 'cli', 'tctl', 'main.ts'), ...line.split(' ')]);
function temporal(line: string) {
  const where = ['--address', temporalAddress(), '--namespace', namespace, '--disable-config-file'];
  return execute(process.env.TEMPORAL_CLI_PATH ?? 'temporal', [...line.split(' '), ...where]);
}

/**
 * The requests that the genuine `tctl` sends for `schedule toggle` and `schedule trigger`, as its source has them: the
 * tool itself is retired and not to be had everywhere.
 */
async function genuineTctl(patch: object): Promise<Ended> {
  const where = { namespace, scheduleId: ID, identity: 'tctl@somewhere', requestId: randomUUID() };
  await client.workflowService.patchSchedule({ ...where, patch });
  return { code: 0, stdout: '', stderr: '' };
}

/** The schedule as `durabit schedules --json` shows it. */
async function shown() {
  const { stdout, stderr } = await durabit('schedules --json');
  const found = JSON.parse(stdout).find((state: { schedule_id: string }) => state.schedule_id === ID);
  if (found === undefined) throw new Error(`not listed: ${stdout}${stderr}`);
  return found;
}

/** The same as the library has it. */
const state = () => describeSchedule(client, ID);

/** Nobody serves the queue here, so a run stays open, and the next trigger would be skipped. */
async function endRuns(): Promise<void> {
  for (const { workflow } of await runningActions()) {
    await client.workflow.getHandle(workflow.workflowId).terminate('the test goes on');
  }
  await until('no run is open', async () => (await runningActions()).length === 0);
}

/** The server names a run after the second it was asked for, and begins none of a name it has had. */
const nextSecond = () => sleep(1_020 - (Date.now() % 1_000));

const runningActions = async () => (await client.schedule.getHandle(ID).describe()).info.runningActions;

const me = operatorName();
const ways = [
  {
    way: 'durabit',
    pause: () => bot.run('pause collect --market KRW-BTC --reason maintenance'.split(' ')),
    resume: () => durabit('resume collect --market KRW-BTC --reason over'),
    trigger: () => durabit('trigger collect --market KRW-BTC'),
    notes: [`maintenance (${me} with durabit pause)`, `over (${me} with durabit resume)`],
  },
  {
    way: 'temporal',
    pause: () => temporal(`schedule toggle -s ${ID} --pause --reason maintenance`),
    resume: () => temporal(`schedule toggle -s ${ID} --unpause --reason over`),
    trigger: () => temporal(`schedule trigger -s ${ID}`),
    notes: ['maintenance', 'over'],
  },
  {
    way: 'npx tctl schedule toggle',
    pause: () => tctlProcess(`schedule toggle --schedule_id ${ID} --pause --reason maintenance`),
    resume: () => tctl(`schedule toggle --schedule_id ${ID} --unpause --reason over`),
    trigger: () => tctl(`schedule trigger --schedule_id ${ID}`),
    notes: [
      `maintenance (${me} with npx tctl schedule toggle --pause)`,
      `over (${me} with npx tctl schedule toggle --unpause)`,
    ],
  },
  {
    way: 'npx tctl schedule pause',
    pause: () => tctl(`schedule pause -s ${ID}`),
    resume: () => tctl(`schedule unpause -s ${ID}`),
    trigger: () => tctl(`schedule trigger -s ${ID} --overlap_policy AllowAll`),
    notes: [`paused by ${me} with npx tctl schedule pause`, `resumed by ${me} with npx tctl schedule unpause`],
  },
  {
    way: 'what the genuine tctl sends',
    pause: () => genuineTctl({ pause: 'maintenance' }),
    resume: () => genuineTctl({ unpause: 'over' }),
    trigger: () => genuineTctl({ triggerImmediately: {} }),
    notes: ['maintenance', 'over'],
  },
] as const;

describe.each(ways)('with $way', ({ pause, resume, trigger, notes: [paused, resumed] }) => {
  it('a pause is shown with its reason, and lasts through durabit schedules apply', patience, async () => {
    expect(await pause()).toMatchObject({ code: 0 });
    expect(await shown()).toMatchObject({ paused: true, note: paused, next_run_at: null });

    const applied = await durabit('schedules apply');
    expect(applied.stdout).toContain(`updated ${ID} (stays paused)`);
    expect(await state()).toMatchObject({ paused: true, note: paused });
  });

  it('a trigger starts a run although it is paused, and is shown as one', patience, async () => {
    await nextSecond();
    const before = await state();
    expect(await trigger()).toMatchObject({ code: 0 });

    await expect.poll(state, { timeout: 20_000 }).toMatchObject({ paused: true, runs: before.runs + 1 });
    const after = await shown();
    expect(after.last_triggered_at).toBe(after.last_run_at);
    expect(after.last_triggered_at).not.toBe(before.last_triggered_at?.toISOString());
    await endRuns();
  });

  it('it goes on when resumed, which is shown too', patience, async () => {
    expect(await resume()).toMatchObject({ code: 0 });
    expect(await shown()).toMatchObject({ paused: false, note: resumed, next_run_at: expect.any(String) });
  });
});

describe('npx tctl', () => {
  it('answers in the words of the retired tool, or as JSON', patience, async () => {
    expect((await tctl(`schedule pause -s ${ID}`)).stdout).toBe('Schedule updated\n');
    expect(JSON.parse((await tctl(`schedule unpause -s ${ID} --pj`)).stdout)).toMatchObject({ operation: 'resume' });
    const seen = await shown();
    expect(JSON.parse((await tctl(`schedule describe -s ${ID} --print_json`)).stdout)).toEqual(seen);
    expect(JSON.parse((await tctl('schedule list --pj')).stdout)).toEqual([seen]);
  });

  it('goes through the door, as npx runs it', patience, async () => {
    const door = await execute(process.execPath, [join(ROOT, 'bin', 'tctl.mjs'), 'schedule', 'list']);
    expect(door).toMatchObject({ code: 0, stdout: expect.stringMatching(/^collect-KRW-BTC +active +3600 s /m) });
    expect(door.stdout).toMatch(/LAST RUN +TRIGGERED +NEXT RUN/);
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(bin.tctl).toBe('bin/tctl.mjs');
  });

  it('a trigger skips while a run is going on, unless told otherwise', patience, async () => {
    await nextSecond();
    const { runs, skipped } = await state();
    await tctl(`schedule trigger -s ${ID}`);
    await expect.poll(state, { timeout: 20_000 }).toMatchObject({ runs: runs + 1 });
    expect((await tctl(`schedule trigger -s ${ID}`)).stdout).toBe('Trigger request sent\n');
    await expect.poll(state, { timeout: 20_000 }).toMatchObject({ runs: runs + 1, skipped: skipped + 1 });

    await nextSecond();
    await tctl(`schedule trigger -s ${ID} --overlap_policy AllowAll`);
    await expect.poll(state, { timeout: 20_000 }).toMatchObject({ runs: runs + 2, skipped: skipped + 1 });
    await endRuns();
  });

  it('reaches the server of its flags or of the retired tool’s settings when no bot is running', async () => {
    const where = { TEMPORAL_CLI_ADDRESS: temporalAddress(), TEMPORAL_CLI_NAMESPACE: namespace };
    const nowhere = { DURABIT_DATA_DIR: join(bot.dataDir, 'nowhere') };

    const lost = tctl(`schedule describe -s ${ID}`, nowhere);
    await expect(lost).rejects.toThrow(/^no durabit is running on data directory /);
    expect(await tctl(`schedule describe -s ${ID}`, { ...nowhere, ...where })).toMatchObject({ code: 0 });
    const flags = `--ad ${temporalAddress()} --ns ${namespace}`;
    expect(await tctl(`${flags} schedule describe -s ${ID}`, nowhere)).toMatchObject({ code: 0 });
  });

  it.each([
    ['schedule pause -s trade-KRW-BTC', /^the bot has no schedule "trade-KRW-BTC"; known: collect-KRW-BTC$/],
    ['schedule pause -s report-daily', /^the bot has no schedule "report-daily"; known: collect-KRW-BTC$/],
    [`--ns nobodys schedule pause -s ${ID}`, /^Temporal at 127\.0\.0\.1:\d+ has no namespace "nobodys"; /],
    ['--ad there schedule list', /^1 setting is wrong:\n {2}TEMPORAL_ADDRESS="there"/],
    ['workflow list', /^tctl workflow is not translated.*temporal workflow --help$/],
  ])('%s says what is wrong with it', async (line, says) => {
    await expect(tctl(line)).rejects.toThrow(says);
  });

  it.each([
    [`--ns nobodys schedule pause -s ${ID}`, 1, /^tctl: Temporal at .* has no namespace "nobodys"; .*\n$/],
    ['workflow list', 2, /^tctl: tctl workflow is not translated.*temporal workflow --help\n$/],
  ])('%s ends with %i and one sentence', patience, async (line, code, says) => {
    const ended = await tctlProcess(line);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(says);
  });
});

describe('durabit', () => {
  it('says of a namespace nobody has one sentence, not a stack', patience, async () => {
    const { code, stderr } = await bot.run(['schedules'], { TEMPORAL_NAMESPACE: 'nobodys' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^durabit: Temporal at .* has no namespace "nobodys"; leave TEMPORAL_NAMESPACE .*\n$/,
      ),
    });
  });

  it('says that Temporal keeps no reason with a trigger', patience, async () => {
    const { code, stderr } = await durabit('trigger collect --market KRW-BTC --reason curious');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Temporal keeps no reason with a trigger: this one is in no list afterwards\n',
    });
  });
});
