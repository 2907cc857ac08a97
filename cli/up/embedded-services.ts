import { join } from 'node:path';
import { childEnvironment } from './child-environment.ts';
import { NODE_FLAGS } from './node-service.ts';
import type { ServicePlan } from './service-plan.ts';

/** Embedded PostgreSQL in the data directory; its address is `embeddedDatabaseUrl`. */
export function postgresService(server: { readonly dataDir: string; readonly port: number }): ServicePlan {
  return keeper('postgres', [server.dataDir, String(server.port)], {});
}

/** Embedded Temporal server with its Web UI, state kept in the data directory. */
export function temporalService(server: {
  readonly dataDir: string;
  readonly port: number;
  readonly uiPort: number;
  /** The `temporal` binary. */
  readonly binary: string;
}): ServicePlan {
  const args = [server.dataDir, String(server.port), String(server.uiPort)];
  return keeper('temporal', args, { TEMPORAL_CLI_PATH: server.binary });
}

function keeper(name: string, args: string[], settings: Record<string, string>): ServicePlan {
  return {
    name,
    command: process.execPath,
    args: [...NODE_FLAGS, join(import.meta.dirname, `${name}-keeper.ts`), ...args],
    env: childEnvironment(settings),
    // Longer than a keeper gives its server (8 s and 2 s more), so that it is never killed while it stops one.
    stopGraceMs: 12_000,
  };
}
