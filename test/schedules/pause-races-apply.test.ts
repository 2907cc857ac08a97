import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import { parseMarket } from '../../config/market.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { scheduleDefinitions } from '../../schedules/definitions.ts';
import { describeSchedule } from '../../schedules/operate.ts';
import { updateSchedule } from '../../schedules/update.ts';
import { instance } from '../cli/up/support.ts';
import { temporalAddress } from '../support/temporal.ts';

const MARKET = parseMarket('KRW-BTC');
const ID = 'collect-KRW-BTC';
const ROUNDS = 40;

let connection: Connection;
let client: Client;
beforeAll(async () => {
  const namespace = `races-${randomUUID().slice(0, 8)}`;
  const address = temporalAddress();
  await prepareTemporal({ ...instance, markets: [], temporalAddress: address, temporalNamespace: namespace });
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  await client.schedule.getHandle(ID).delete();
  await connection.close();
});

const apply = (intervalMs: number) => applySchedules(client, { markets: [MARKET], timeframe: '1m', intervalMs });
const stateNow = () => describeSchedule(client, ID);

it('a pause or a resumption that comes while schedules are applied stays, with its note', async () => {
  await apply(3_600_000);
  const handle = client.schedule.getHandle(ID);
  const lost: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const intervalMs = 3_600_000 + 60_000 * round;
    const note = `round ${round}`;
    const operate = round % 2 === 0 ? handle.pause.bind(handle) : handle.unpause.bind(handle);
    // At another instant of the update in each round.
    await Promise.all([apply(intervalMs), sleep(5 + (round % 20)).then(() => operate(note))]);

    const state = await stateNow();
    if (state.note !== note || state.paused !== (round % 2 === 0)) lost.push(note);
    expect(state.every_seconds, 'what was applied is there too').toBe(intervalMs / 1_000);
  }
  expect(lost).toEqual([]);
}, 60_000);

it('two who apply at once both end, and one of their schedules is there', async () => {
  await Promise.all([apply(600_000), apply(1_200_000), apply(1_800_000), client.schedule.getHandle(ID).pause('both')]);

  expect([600, 1_200, 1_800]).toContain((await stateNow()).every_seconds);
  expect(await stateNow()).toMatchObject({ paused: true, note: 'both' });
}, 30_000);

/** A client in whose updates somebody else's change, such as an operator's pause, comes just before the server's. */
function overtaken(
  times: number,
  change = (count: number) => client.schedule.getHandle(ID).pause(`overtaking ${count}`),
): Client {
  const { workflowService } = connection;
  let overtakings = 0;
  const slow = Object.assign(Object.create(workflowService), {
    async updateSchedule(request: Parameters<typeof workflowService.updateSchedule>[0]) {
      overtakings += 1;
      if (overtakings <= times) await change(overtakings);
      return workflowService.updateSchedule(request);
    },
  });
  const slowly = Object.assign(Object.create(connection), { workflowService: slow });
  return new Client({ connection: slowly, namespace: client.options.namespace });
}

const [definition] = scheduleDefinitions({ markets: [MARKET], timeframe: '1m', intervalMs: 900_000 });

it('an update that was overtaken is made anew of what is there now', async () => {
  if (definition === undefined) throw new Error('no schedule');
  expect(await updateSchedule(overtaken(3), definition)).toEqual({ paused: true });
  expect(await stateNow()).toMatchObject({ note: 'overtaking 3', paused: true, every_seconds: 900 });
});

it('an update of somebody else that comes before is not taken for ours', async () => {
  if (definition === undefined) throw new Error('no schedule');
  const byAnother = overtaken(2, async () => {
    await apply(1_200_000);
  });
  expect(await updateSchedule(byAnother, definition)).toMatchObject({ paused: true });
  expect(await stateNow()).toMatchObject({ every_seconds: 900 });
});

it('what was sent is found again, whatever kind of schedule it is', async () => {
  const inputs = { markets: [MARKET], timeframe: '1m', intervalMs: 60_000, account: 'paper-0a1b2c3d' } as const;
  for (const optimizeAt of [undefined, 1_763_800_007_000]) {
    const intervalMs = optimizeAt === undefined ? 60_000 : 1_000;
    const definitions = scheduleDefinitions({ ...inputs, intervalMs, optimizeAt });
    await applySchedules(client, { ...inputs, intervalMs, optimizeAt });
    for (const one of definitions) await updateSchedule(client, one, 0);
  }
  for (const { scheduleId } of scheduleDefinitions(inputs)) {
    if (scheduleId !== ID) await client.schedule.getHandle(scheduleId).delete();
  }
});

it('one that is overtaken all the time gives up and says why', async () => {
  const [definition] = scheduleDefinitions({ markets: [MARKET], timeframe: '1m', intervalMs: 840_000 });
  if (definition === undefined) throw new Error('no schedule');
  const { every_seconds } = await stateNow();
  const given = updateSchedule(overtaken(Number.POSITIVE_INFINITY), definition, 200);
  await expect(given).rejects.toThrow(`somebody changes schedule ${ID} all the time`);
  expect(await stateNow()).toMatchObject({ paused: true, every_seconds });
});
