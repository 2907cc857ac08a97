import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import { bookFlags } from './book-choice.ts';
import { childEnvironment } from './child-environment.ts';
import { postgresService, temporalService } from './embedded-services.ts';
import { nodeService } from './node-service.ts';
import type { PaperKeys } from './paper-keys.ts';
import type { PortNeed } from './ports.ts';
import type { RunRequest } from './run-request.ts';
import type { ServicePlan } from './service-plan.ts';
import type { ServiceStep } from './supervisor-plan.ts';

export interface EmbeddedServer {
  readonly step: ServiceStep;
  readonly ports: readonly PortNeed[];
}

/**
 * The servers a run brings itself: each one the settings do not name elsewhere.
 *
 * @throws {UserError} when a Temporal server is needed and no binary is known
 */
export function embeddedServers(
  request: RunRequest,
  settings: Settings,
  dataDir: string,
  keys: PaperKeys,
): EmbeddedServer[] {
  const servers: EmbeddedServer[] = [];
  const add = (service: ServicePlan, ports: readonly PortNeed[]): void => {
    servers.push({ step: { kind: 'server', service, dependsOn: [] }, ports });
  };
  if (settings.DATABASE_URL === undefined) {
    const port = settings.POSTGRES_PORT;
    add(postgresService({ dataDir, port }), [{ port, purpose: 'the embedded PostgreSQL', setting: 'POSTGRES_PORT' }]);
  }
  if (settings.TEMPORAL_ADDRESS === undefined) {
    const { TEMPORAL_PORT: port, TEMPORAL_UI_PORT: uiPort, TEMPORAL_CLI_PATH: binary } = settings;
    if (binary === undefined) {
      throw new UserError(
        'no Temporal server: set TEMPORAL_ADDRESS to a running one or TEMPORAL_CLI_PATH to the temporal binary, ' +
          'or start through npm start, which finds or builds one',
      );
    }
    add(temporalService({ dataDir, port, uiPort, binary }), [
      { port, purpose: 'the Temporal server', setting: 'TEMPORAL_PORT' },
      { port: uiPort, purpose: 'the Temporal Web UI', setting: 'TEMPORAL_UI_PORT' },
    ]);
  }
  if (settings.UPBIT_BASE_URL === undefined) {
    const { PAPER_PORT: port, PAPER_CONTROL_PORT: controlPort } = settings;
    const control = controlPort === undefined ? [] : ['--control-port', String(controlPort)];
    const flags = ['--feed', request.feed, '--markets', request.markets.join(','), '--speed', String(request.speed)];
    const args = [
      ...['paper', '--port', String(port), '--state-dir', join(dataDir, 'exchange'), '--seed', String(request.seed)],
      ...flags,
      ...(request.source === undefined ? [] : ['--source', request.source]),
      ...bookFlags(request.book, request.source),
      ...control,
      ...request.replay.flatMap((file) => ['--replay', file]),
    ];
    // Keys go by the environment: arguments are visible to everybody on the machine.
    const env = childEnvironment({ PAPER_ACCESS_KEY: keys.accessKey, PAPER_SECRET_KEY: keys.secretKey });
    const ports = [{ port, purpose: 'the paper exchange', setting: 'PAPER_PORT' }];
    if (controlPort !== undefined) {
      ports.push({ port: controlPort, purpose: 'the control port', setting: 'PAPER_CONTROL_PORT' });
    }
    add(nodeService('exchange', ['cli', 'main.ts'], args, env), ports);
  }
  return servers;
}
