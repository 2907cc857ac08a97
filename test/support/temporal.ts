import { readFile } from 'node:fs/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { inject } from 'vitest';
import { NAMESPACE } from '../../cli/up/temporal-flags.ts';

export type RecordedHistory = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** The run's Temporal server. @throws when it could not be started, with what to do */
export function temporalAddress(): string {
  const address = inject('temporalAddress');
  if (address === null) throw new Error('this test needs a Temporal server; run it with npm test, which brings one');
  return address;
}

export interface TestTemporal {
  readonly client: Client;
  /** Runs a worker with `activities` on `taskQueue` for as long as `work` takes. */
  withWorker<T>(options: Pick<WorkerOptions, 'taskQueue'> & { activities: object }, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Workers say only what a test did not provoke. */
export function quietRuntime(): void {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** A client and workers on a real server, running the same bundle as production. */
export async function connectTestTemporal(): Promise<TestTemporal> {
  const address = temporalAddress();
  quietRuntime();
  const [connection, native, code] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
    readFile(inject('bundle'), 'utf8'),
  ]);
  // Fixed identities: recorded histories must not name the machine they were made on.
  return {
    client: new Client({ connection, namespace: NAMESPACE, identity: 'test-client' }),
    async withWorker(options, work) {
      const worker = await Worker.create({
        ...options,
        connection: native,
        namespace: NAMESPACE,
        workflowBundle: { code },
        identity: 'test-worker',
      });
      return worker.runUntil(work);
    },
    async close() {
      await connection.close();
      await native.close();
    },
  };
}
