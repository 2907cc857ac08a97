import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporalService } from '../../../cli/up/embedded-services.ts';
import { recordedProcess, recordedProcesses } from '../../../cli/up/pid-files.ts';
import { freePort } from '../../../cli/up/ports.ts';
import { prepareNamespace } from '../../../cli/up/prepare-namespace.ts';
import { createService, type Service } from '../../../cli/up/service.ts';
import { isAlive } from '../../../process/process-identity.ts';
import { ended, ready, runFixture, temporaryDirectory, until } from './support.ts';

const binary = process.env.TEMPORAL_CLI_PATH;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let directory: ReturnType<typeof temporaryDirectory>;
let [port, uiPort] = [0, 0];
let lines: string[];
let temporal: Service | undefined;
beforeEach(async () => {
  directory = temporaryDirectory();
  [port, uiPort] = await Promise.all([freePort(), freePort()]);
  lines = [];
  temporal = undefined;
});
afterEach(async () => {
  await temporal?.stop();
  directory.remove();
});

async function start(path: string): Promise<void> {
  const log = (speaker: string, line: string) => lines.push(`${speaker} | ${line}`);
  const plan = temporalService({ dataDir: directory.path, port, uiPort, binary: path });
  temporal = createService(plan, { dataDir: directory.path, log });
  await temporal.start();
}

async function withConnection<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: `127.0.0.1:${port}` });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

function retentionOf(connection: Connection, namespace: string): Promise<number> {
  return connection.workflowService
    .describeNamespace({ namespace })
    .then(({ config }) => Number(config?.workflowExecutionRetentionTtl?.seconds));
}

test('a program that is not there is named with its setting', async () => {
  await expect(start('/nowhere/temporal')).rejects.toThrow(
    'TEMPORAL_CLI_PATH=/nowhere/temporal cannot be run (ENOENT); it must be the `temporal` program',
  );
});

if (!binary) console.error('tests of the Temporal keeper are left out: TEMPORAL_CLI_PATH is not set');

describe.runIf(binary)('with the server', () => {
  test('serves the namespace with its search attributes and the retention asked for, again and again', async () => {
    await start(binary ?? '');

    await withConnection(async (connection) => {
      await prepareNamespace(connection, { namespace: 'durabit', retentionMs: 30 * DAY, ownServer: true });
      await prepareNamespace(connection, { namespace: 'durabit', retentionMs: HOUR, ownServer: true });

      expect(await retentionOf(connection, 'durabit')).toBe(3_600);
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'durabit' });
      expect(customAttributes).toMatchObject({ Market: 2, CandleTime: 6, Outcome: 2 });
    });
    expect((await fetch(`http://127.0.0.1:${uiPort}`)).status).toBe(200);
  });

  test('a namespace that a server does not have yet is created with all it needs', async () => {
    await start(binary ?? '');

    await withConnection(async (connection) => {
      await prepareNamespace(connection, { namespace: 'elsewhere', retentionMs: 30 * DAY, ownServer: false });
      // Somebody else's from now on: a shorter retention would delete their runs.
      await prepareNamespace(connection, { namespace: 'elsewhere', retentionMs: HOUR, ownServer: false });

      expect(await retentionOf(connection, 'elsewhere')).toBe(30 * 86_400);
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'elsewhere' });
      expect(customAttributes).toMatchObject({ Market: 2, CandleTime: 6, Outcome: 2 });
    });
  });

  test('a server killed with -9 comes back with what it knew', async () => {
    await start(binary ?? '');
    await withConnection(async (connection) => {
      await new Client({ connection, namespace: 'durabit' }).workflow.start('any', {
        taskQueue: 'none',
        workflowId: 'kept',
      });
    });

    const server = recordedProcess(directory.path, 'temporal-server');
    if (server) process.kill(server.pid, 'SIGKILL');
    await until('back', () => lines.includes('durabit | temporal is back'));

    await withConnection(async (connection) => {
      const { status } = await new Client({ connection, namespace: 'durabit' }).workflow.getHandle('kept').describe();
      expect(status.name).toBe('RUNNING');
    });
  });

  test('stopping it says nothing of how its parts lose sight of each other', async () => {
    await start(binary ?? '');
    const server = recordedProcess(directory.path, 'temporal-server');
    const before = lines.length;

    await temporal?.stop();

    expect(server && isAlive(server)).toBe(false);
    expect(lines.slice(before)).toEqual([]);
  });

  test('keeper and supervisor killed at once: the next start clears up', async () => {
    const args = [directory.path, join(directory.path, 'journal'), '', String(port), String(uiPort)];
    const supervisor = runFixture('supervising', args);
    await ready(supervisor);
    const [keeper, server] = ['temporal', 'temporal-server'].map((name) => recordedProcess(directory.path, name));
    if (!keeper || !server) throw new Error('not written down');

    process.kill(keeper.pid, 'SIGKILL');
    supervisor.child.kill('SIGKILL');
    await ended(supervisor.child);
    expect(isAlive(server)).toBe(true);
    const next = runFixture('supervising', args);
    await ready(next);
    const processes = recordedProcesses(directory.path);

    expect(isAlive(server)).toBe(false);
    next.child.kill('SIGKILL');
    await until('nothing is left', () => !processes.some(isAlive));
  });
});
