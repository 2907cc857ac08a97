import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { Market } from '../../config/market.ts';
import type { Settings } from '../../config/settings.ts';
import { temporalTarget } from '../../config/temporal-target.ts';
import { UserError } from '../../config/user-error.ts';
import { connectDatabase, explainConnectionFailure } from '../../db/connect.ts';
import { requireDurableCommits } from '../../db/durability.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { workflowBundlePath } from '../../workers/bundle-path.ts';
import { TASK_QUEUES } from '../../workers/task-queues.ts';
import { childEnvironment } from './child-environment.ts';
import { describeReplayFiles } from './data-binding.ts';
import { postgresService, temporalService } from './embedded-services.ts';
import type { InstanceDetails } from './instance-file.ts';
import { type PaperKeys, paperKeys } from './paper-keys.ts';
import type { PortNeed } from './ports.ts';
import { embeddedDatabaseUrl } from './postgres-password.ts';
import { prepareNamespace } from './prepare-namespace.ts';
import type { ServicePlan } from './service-plan.ts';
import type { ServiceStep, Step, SupervisorPlan, TaskStep } from './supervisor-plan.ts';

/** What a run was asked for, checked. */
export interface RunRequest {
  readonly feed: 'simulated' | 'replay';
  readonly replay: readonly string[];
  readonly markets: readonly Market[];
  readonly speed: number;
  readonly seed: number;
}

/** Where everything of the run is reached. */
export interface RunAddresses extends InstanceDetails {
  readonly markets: readonly Market[];
}

export interface BotPlan extends Pick<SupervisorPlan, 'binding' | 'ports' | 'steps'> {
  readonly instance: RunAddresses;
}

const ROOT = join(import.meta.dirname, '..', '..');
const DAY_MS = 86_400_000;
/** Closed runs kept in real time. An accelerated run leaves 32 KB a second and would fill the disk, so it keeps an hour. */
const RETENTION_MS = { realTime: 30 * DAY_MS, accelerated: 3_600_000 };

/**
 * What `durabit up` starts, in which order: servers first (those the settings do not name elsewhere), then what
 * prepares them, then one worker process per task queue, schedules last so that their first runs find a worker.
 */
export async function planBot(request: RunRequest, settings: Settings, dataDir: string): Promise<BotPlan> {
  const keys = paperKeys(dataDir);
  const instance = addressesOf(request, settings, dataDir);
  const bundle = await workflowBundlePath(join(dataDir, 'bundle'));
  const servers = embeddedServers(request, settings, dataDir, keys);
  const up = servers.map(({ step }) => step.service.name);
  const workerEnv = childEnvironment({
    ...inheritedTemporalEnv(),
    DATABASE_URL: instance.databaseUrl,
    TEMPORAL_ADDRESS: instance.temporalAddress,
    TEMPORAL_NAMESPACE: instance.temporalNamespace,
    UPBIT_BASE_URL: instance.exchangeUrl,
    CANDLE_INTERVAL_MS: String(instance.candleIntervalMs),
    DURABIT_WORKFLOW_BUNDLE: bundle,
    ...exchangeKeys(settings, keys),
  });
  const workers = Object.keys(TASK_QUEUES).map(
    (queue): ServiceStep => ({
      kind: 'worker',
      service: nodeService(queue, ['workers', `${queue}.ts`], [], workerEnv),
      dependsOn: ['database', 'namespace', 'markets', 'bundle'],
    }),
  );
  const steps: Step[] = [
    ...servers.map(({ step }) => step),
    task('database', up.filter(named('postgres')), () => prepareDatabase(instance.databaseUrl)),
    task('namespace', up.filter(named('temporal')), () =>
      withConnection(instance, (connection) =>
        prepareNamespace(connection, {
          namespace: instance.temporalNamespace,
          retentionMs: request.speed > 1 ? RETENTION_MS.accelerated : RETENTION_MS.realTime,
        }),
      ),
    ),
    task('markets', up.filter(named('exchange')), () => requireListedMarkets(instance)),
    task('bundle', [], () => buildBundle(bundle)),
    ...workers,
    task(
      'schedules',
      workers.map(({ service }) => service.name),
      () =>
        withConnection(instance, async (connection) => {
          const client = new Client({ connection, namespace: instance.temporalNamespace });
          await applySchedules(client, {
            markets: instance.markets,
            timeframe: '1m',
            intervalMs: instance.candleIntervalMs,
          });
        }),
    ),
  ];
  const replayFiles = await describeReplayFiles(request.replay);
  const binding = { feed: request.feed, replayFiles, seed: request.feed === 'simulated' ? request.seed : null };
  return { binding, ports: servers.flatMap(({ ports }) => ports), steps, instance };
}

function addressesOf(request: RunRequest, settings: Settings, dataDir: string): RunAddresses {
  return {
    databaseUrl: settings.DATABASE_URL ?? embeddedDatabaseUrl(dataDir, settings.POSTGRES_PORT),
    temporalAddress: settings.TEMPORAL_ADDRESS ?? `127.0.0.1:${settings.TEMPORAL_PORT}`,
    temporalNamespace: settings.TEMPORAL_NAMESPACE,
    temporalUiUrl: settings.TEMPORAL_ADDRESS === undefined ? `http://127.0.0.1:${settings.TEMPORAL_UI_PORT}` : null,
    exchangeUrl: settings.UPBIT_BASE_URL ?? `http://127.0.0.1:${settings.PAPER_PORT}`,
    paperControlUrl: null,
    dashboardUrl: null,
    feed: request.feed,
    markets: request.markets,
    candleIntervalMs: 60_000 / request.speed,
    speed: request.speed,
  };
}

interface EmbeddedServer {
  readonly step: ServiceStep;
  readonly ports: readonly PortNeed[];
}

function embeddedServers(request: RunRequest, settings: Settings, dataDir: string, keys: PaperKeys): EmbeddedServer[] {
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
    const port = settings.PAPER_PORT;
    const flags = ['--feed', request.feed, '--markets', request.markets.join(','), '--speed', String(request.speed)];
    const args = [
      ...['paper', '--port', String(port), '--state-dir', join(dataDir, 'exchange'), '--seed', String(request.seed)],
      ...flags,
      ...request.replay.flatMap((file) => ['--replay', file]),
    ];
    // Keys go by the environment: arguments are visible to everybody on the machine.
    const env = childEnvironment({ PAPER_ACCESS_KEY: keys.accessKey, PAPER_SECRET_KEY: keys.secretKey });
    add(nodeService('exchange', ['cli', 'main.ts'], args, env), [
      { port, purpose: 'the paper exchange', setting: 'PAPER_PORT' },
    ]);
  }
  return servers;
}

function nodeService(
  name: string,
  file: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ServicePlan {
  return {
    name,
    command: process.execPath,
    args: [join(ROOT, ...file), ...args],
    env,
    readiness: { kind: 'message' },
  };
}

function task(name: string, dependsOn: readonly string[], run: () => Promise<void>): TaskStep {
  return { kind: 'task', name, dependsOn, run };
}

function named(name: string): (other: string) => boolean {
  return (other) => other === name;
}

/** TLS, API key and the like for a Temporal server of the user's own. */
function inheritedTemporalEnv(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('TEMPORAL_')));
}

function exchangeKeys(settings: Settings, paper: PaperKeys): Record<string, string | undefined> {
  const own = settings.UPBIT_BASE_URL !== undefined;
  return {
    UPBIT_ACCESS_KEY: own ? settings.UPBIT_ACCESS_KEY : paper.accessKey,
    UPBIT_SECRET_KEY: own ? settings.UPBIT_SECRET_KEY : paper.secretKey,
  };
}

async function prepareDatabase(url: string): Promise<void> {
  const db = connectDatabase(url, { applicationName: 'durabit-up', maxConnections: 1 });
  try {
    await requireDurableCommits(db);
    await migrateToLatest(db);
  } catch (error) {
    throw explainConnectionFailure(error, url);
  } finally {
    await db.destroy();
  }
}

async function withConnection(instance: RunAddresses, work: (connection: Connection) => Promise<void>): Promise<void> {
  const target = temporalTarget({ ...process.env, TEMPORAL_ADDRESS: instance.temporalAddress });
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...target.connectionOptions, connectTimeout: '10s' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`Temporal at ${target.address} cannot be reached (${why}). Is it running?`);
  }
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}

async function requireListedMarkets(instance: RunAddresses): Promise<void> {
  const listed = await createUpbitClient({ baseUrl: instance.exchangeUrl }).listMarkets();
  const unknown = instance.markets.filter((market) => !listed.includes(market));
  if (unknown.length > 0) {
    throw new UserError(`${instance.exchangeUrl} lists no market ${unknown.join(', ')}; mend --markets or MARKETS`, 2);
  }
}

async function buildBundle(path: string): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'workers', 'build-bundle.ts'), path], {
    env: childEnvironment(),
  });
}
