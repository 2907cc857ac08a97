import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import { parseMarket } from '../../config/market.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { listSchedules } from '../../schedules/operate.ts';
import { instance } from '../cli/up/support.ts';
import { temporalAddress } from '../support/temporal.ts';

it('schedules of somebody else in the namespace are neither listed nor deleted', async () => {
  const namespace = `foreign-${randomUUID().slice(0, 8)}`;
  const address = temporalAddress();
  await prepareTemporal({ ...instance, markets: [], temporalAddress: address, temporalNamespace: namespace });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const theirs = await client.schedule.create({
    scheduleId: 'report-daily',
    spec: { intervals: [{ every: '1d' }] },
    action: { type: 'startWorkflow', workflowType: 'Report', taskQueue: 'theirs' },
  });
  const ids = async () => {
    const found: string[] = [];
    for await (const { scheduleId } of client.schedule.list()) found.push(scheduleId);
    return found;
  };
  await expect.poll(ids, { timeout: 10_000 }).toEqual(['report-daily']);

  const inputs = { markets: [parseMarket('KRW-BTC')], timeframe: '1m', intervalMs: 3_600_000 } as const;
  expect((await applySchedules(client, inputs)).map(({ scheduleId }) => scheduleId)).toEqual(['collect-KRW-BTC']);

  expect((await theirs.describe()).scheduleId).toBe('report-daily');
  expect((await listSchedules(client)).map((state) => state.schedule_id)).not.toContain('report-daily');
  await client.schedule.getHandle('collect-KRW-BTC').delete();
  await theirs.delete();
  await connection.close();
});
