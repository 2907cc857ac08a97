import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { listSchedules, operateSchedules } from '../../schedules/operate.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';

// Markets of this file alone: the server is shared by all tests of a run.
const SOL = parseMarket('KRW-SOL');
const ADA = parseMarket('KRW-ADA');
const hourly = { markets: [SOL, ADA], timeframe: '1m', intervalMs: 3_600_000 } as const;

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(async () => {
  for await (const { workflowId } of temporal.client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    if (workflowId.startsWith('collect-KRW-SOL')) await temporal.client.workflow.getHandle(workflowId).terminate();
  }
  for (const market of [SOL, ADA]) await temporal.client.schedule.getHandle(`collect-${market}`).delete();
  await temporal.close();
});

async function stateOf(id: string) {
  return (await listSchedules(temporal.client)).find((state) => state.schedule_id === id);
}

/** The list is eventually consistent: what was just made may take a moment to appear. */
async function untilListed(count: number): Promise<void> {
  await expect
    .poll(async () => (await listSchedules(temporal.client)).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(count);
}

describe('schedules', () => {
  it('are created one a market, named after it, and updated when applied again', async () => {
    const first = await applySchedules(temporal.client, hourly);
    const again = await applySchedules(temporal.client, { ...hourly, intervalMs: 7_200_000 });
    await untilListed(2);

    expect(first.map(({ scheduleId, change }) => `${change} ${scheduleId}`)).toEqual([
      'created collect-KRW-SOL',
      'created collect-KRW-ADA',
    ]);
    expect(again.every(({ change }) => change === 'updated')).toBe(true);
    expect(await stateOf('collect-KRW-SOL')).toMatchObject({ every_seconds: 7_200, paused: false, market: 'KRW-SOL' });
  });

  it('stay paused when they are applied again', async () => {
    await operateSchedules(temporal.client, 'pause', { kind: 'collect', market: SOL, reason: 'maintenance' });
    const applied = await applySchedules(temporal.client, hourly);

    expect(applied.map(({ paused }) => paused)).toEqual([true, false]);
    expect(await stateOf('collect-KRW-SOL')).toMatchObject({ paused: true, note: 'maintenance', every_seconds: 3_600 });
    expect(await stateOf('collect-KRW-ADA')).toMatchObject({ paused: false });
  });

  it('run when triggered, paused or not, and run on when resumed', async () => {
    const done = await operateSchedules(temporal.client, 'trigger', { kind: 'collect', market: SOL, reason: 'now' });

    expect(done).toEqual(['collect-KRW-SOL']);
    await expect.poll(async () => (await stateOf('collect-KRW-SOL'))?.runs).toBe(1);
    await operateSchedules(temporal.client, 'resume', { kind: 'all', market: SOL, reason: 'over' });
    expect(await stateOf('collect-KRW-SOL')).toMatchObject({ paused: false, note: 'over' });
  });

  it('do not start a second run while one is going on, triggered or not', async () => {
    // Nobody serves the queue in this test, so the run just triggered is still open.
    await operateSchedules(temporal.client, 'trigger', { kind: 'collect', market: SOL, reason: 'again' });
    await expect.poll(async () => (await stateOf('collect-KRW-SOL'))?.skipped, { timeout: 10_000 }).toBe(1);
    expect((await stateOf('collect-KRW-SOL'))?.runs).toBe(1);
  });

  it('of a market no longer wanted are deleted when the others are applied', async () => {
    const applied = await applySchedules(temporal.client, { ...hourly, markets: [SOL] });

    expect(applied.map(({ scheduleId, change }) => `${change} ${scheduleId}`)).toContain('deleted collect-KRW-ADA');
    await applySchedules(temporal.client, hourly);
    await untilListed(2);
  });

  it('that do not exist are named, with those that do', async () => {
    const asked = operateSchedules(temporal.client, 'pause', { kind: 'trade', reason: 'x' });
    await expect(asked).rejects.toThrow(/there is no trade schedule; known: .*collect-KRW-ADA/);
  });
});
