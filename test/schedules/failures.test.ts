import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import { readWorkerPolls } from '../../cli/worker-polls.ts';
import { failedSearches, recentFailures } from '../../schedules/failures.ts';
import { marketAttribute } from '../../workflows/search-attributes.ts';
import { instance } from '../cli/up/support.ts';
import { temporalAddress } from '../support/temporal.ts';

let connection: Connection;
let client: Client;
let namespace: string;
beforeAll(async () => {
  namespace = `failures-${randomUUID().slice(0, 8)}`;
  const address = temporalAddress();
  await prepareTemporal({ ...instance, markets: [], temporalAddress: address, temporalNamespace: namespace });
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(() => connection.close());

const patiently = <T>(work: () => Promise<T>) => connection.withDeadline(Date.now() + 10_000, work);

/** A run that ends so, its worker played by hand. */
async function run(type: string, market: string, end: 'completed' | 'failed'): Promise<void> {
  const { workflowService } = client;
  const typedSearchAttributes = [{ key: marketAttribute, value: market }];
  await client.workflow.start(type, { workflowId: randomUUID(), taskQueue: 'optimizer', typedSearchAttributes });
  const taskQueue = { name: 'optimizer' };
  const { taskToken } = await patiently(() =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue, identity: 'optimizer@7' }),
  );
  const failure = { message: 'no heartbeat', applicationFailureInfo: { type: 'Test' } };
  // 4 and 5: COMMAND_TYPE_COMPLETE_ and _FAIL_WORKFLOW_EXECUTION; @temporalio/proto is not a dependency of ours.
  const command =
    end === 'completed'
      ? { commandType: 4, completeWorkflowExecutionCommandAttributes: {} }
      : { commandType: 5, failWorkflowExecutionCommandAttributes: { failure } };
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands: [command] });
}

it('a search that failed is told of until one of its market succeeds, and not among the runs of the last minutes', async () => {
  await run('OptimizeWorkflow', 'KRW-BTC', 'failed');
  await run('OptimizeWorkflow', 'KRW-ETH', 'completed');
  await run('OptimizeWorkflow', 'KRW-ETH', 'failed');
  await run('CollectWorkflow', 'KRW-BTC', 'failed');
  const markets = async () => (await failedSearches(client)).map(({ market }) => market).sort();
  await expect.poll(markets, { timeout: 10_000 }).toEqual(['KRW-BTC', 'KRW-ETH']);

  await run('OptimizeWorkflow', 'KRW-BTC', 'completed');
  await expect.poll(markets, { timeout: 10_000 }).toEqual(['KRW-ETH']);
  expect((await failedSearches(client))[0]?.failed_at.getTime()).toBeGreaterThan(Date.now() - 60_000);
  const lately = () => recentFailures(client, new Date(Date.now() - 60_000));
  await expect.poll(lately, { timeout: 10_000 }).toEqual([{ type: 'CollectWorkflow', market: 'KRW-BTC', count: 1 }]);
}, 40_000);

it('a worker serves its queue as long as it asks for work, and is not taken for one a minute and a half later', async () => {
  const inSeconds = (seconds: number) => readWorkerPolls(client, 'optimizer', new Date(Date.now() + seconds * 1_000));

  expect(await inSeconds(0)).toMatchObject({ workers: ['optimizer@7'], last_poll_at: expect.any(Date) });
  expect(await inSeconds(60)).toMatchObject({ workers: ['optimizer@7'] });
  expect(await inSeconds(91)).toMatchObject({ workers: [], last_poll_at: expect.any(Date) });
  expect(await readWorkerPolls(client, 'trader')).toMatchObject({ workers: [], last_poll_at: null });
});
