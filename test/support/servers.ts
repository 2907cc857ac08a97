import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { postgresService, temporalService } from '../../cli/up/embedded-services.ts';
import { freePort } from '../../cli/up/ports.ts';
import { embeddedDatabaseUrl } from '../../cli/up/postgres-password.ts';
import { createService, type Service } from '../../cli/up/service.ts';
import { createServiceLog } from '../../cli/up/service-log.ts';
import { makeMigratedTemplate } from './migrated-template.ts';
import { openRunFolder } from './run-folder.ts';
import { makeSharedBundle } from './shared-bundle.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A role that may create databases; see `createTestDatabase`. */
    databaseUrl: string;
    /** `null` when there is no Temporal binary to run. */
    temporalAddress: string | null;
    /** The file of the workflows' bundle. */
    bundle: string;
    /** Where the test files of this run keep what they share; removed at its end. */
    runFolder: string;
  }
}

/**
 * One real PostgreSQL and one real Temporal server for the whole run, through the same keepers as `durabit up`. They
 * end with this process, whatever way it ends.
 */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  const folder = openRunFolder();
  const dataDir = join(folder.path, 'servers');
  mkdirSync(dataDir, { mode: 0o700 });
  const context = { dataDir, log: createServiceLog(['postgres', 'temporal']) };
  const [port, temporalPort, uiPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const services: Service[] = [createService(postgresService({ dataDir, port }), context)];
  const binary = process.env.TEMPORAL_CLI_PATH;
  if (binary === undefined || binary === '') {
    console.error('TEMPORAL_CLI_PATH is not set: tests that need a Temporal server cannot run (`npm test` sets it)');
  } else {
    services.push(createService(temporalService({ dataDir, port: temporalPort, uiPort, binary }), context));
  }

  const stop = async () => {
    await Promise.all(services.map((service) => service.stop()));
    folder.remove();
  };
  const url = embeddedDatabaseUrl(dataDir, port);
  try {
    const [postgres, ...others] = services.map((service) => service.start());
    const bundle = makeSharedBundle(folder.path);
    await Promise.all([postgres?.then(() => makeMigratedTemplate(url)), ...others]);
    project.provide('bundle', await bundle);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('runFolder', folder.path);
  project.provide('databaseUrl', url);
  project.provide('temporalAddress', services.length > 1 ? `127.0.0.1:${temporalPort}` : null);
  return stop;
}
