import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { workflowBundlePath } from '../../workers/bundle-path.ts';
import { TASK_QUEUES } from '../../workers/task-queues.ts';
import { embeddedServers } from './bot-servers.ts';
import { childEnvironment } from './child-environment.ts';
import { describeReplayFiles } from './data-binding.ts';
import { nodeService } from './node-service.ts';
import { type PaperKeys, paperKeys } from './paper-keys.ts';
import {
  applyBotSchedules,
  buildBundle,
  openAccounts,
  prepareDatabase,
  prepareTemporal,
  requireListedMarkets,
} from './prepare-run.ts';
import { addressesOf, type RunAddresses } from './run-addresses.ts';
import type { RunRequest } from './run-request.ts';
import type { ServiceStep, Step, SupervisorPlan, TaskStep } from './supervisor-plan.ts';

export interface BotPlan extends Pick<SupervisorPlan, 'binding' | 'ports' | 'steps'> {
  readonly instance: RunAddresses;
}

/**
 * What `durabit up` starts, in which order: servers first (those the settings do not name elsewhere), then what
 * prepares them, then one worker process per task queue, schedules last so that their first runs find a worker.
 */
export async function planBot(request: RunRequest, settings: Settings, dataDir: string): Promise<BotPlan> {
  const keys = paperKeys(dataDir);
  const instance = addressesOf(request, settings, dataDir, keys);
  const bundle = await workflowBundlePath(join(dataDir, 'bundle'));
  const servers = embeddedServers(request, settings, dataDir, keys);
  const up = servers.map(({ step }) => step.service.name);
  const workerSettings = {
    ...inheritedTemporalEnv(settings),
    DATABASE_URL: instance.databaseUrl,
    TEMPORAL_ADDRESS: instance.temporalAddress,
    TEMPORAL_NAMESPACE: instance.temporalNamespace,
    UPBIT_BASE_URL: instance.exchangeUrl,
    CANDLE_INTERVAL_MS: String(instance.candleIntervalMs),
    DURABIT_WORKFLOW_BUNDLE: bundle,
  };
  // Prices need no key: only who trades is given one.
  const traderSettings = { ...workerSettings, ...exchangeKeys(settings, keys) };
  const workers = Object.keys(TASK_QUEUES).map(
    (queue): ServiceStep => ({
      kind: 'worker',
      service: nodeService(
        queue,
        ['workers', `${queue}.ts`],
        [],
        childEnvironment(queue === 'trader' ? traderSettings : workerSettings),
      ),
      dependsOn: ['accounts', 'namespace', 'markets', 'bundle'],
    }),
  );
  const steps: Step[] = [
    ...servers.map(({ step }) => step),
    task('database', up.filter(named('postgres')), () => prepareDatabase(instance.databaseUrl)),
    task('namespace', up.filter(named('temporal')), () => prepareTemporal(instance)),
    task('markets', up.filter(named('exchange')), () => requireListedMarkets(instance)),
    task('accounts', ['database', ...up.filter(named('exchange'))], () => openAccounts(instance, keys)),
    task('bundle', [], (signal) => buildBundle(bundle, signal)),
    ...workers,
    task(
      'schedules',
      workers.map(({ service }) => service.name),
      () => applyBotSchedules(instance),
    ),
  ];
  const replayFiles = await describeReplayFiles(request.replay);
  const binding = { feed: request.feed, replayFiles, seed: request.feed === 'simulated' ? request.seed : null };
  return { binding, ports: servers.flatMap(({ ports }) => ports), steps, instance };
}

function task(name: string, dependsOn: readonly string[], run: TaskStep['run']): TaskStep {
  return { kind: 'task', name, dependsOn, run };
}

function named(name: string): (other: string) => boolean {
  return (other) => other === name;
}

/** TLS, API key and the like for a Temporal server of the user's own; none of it is for the embedded one. */
function inheritedTemporalEnv(settings: Settings): Record<string, string | undefined> {
  if (settings.TEMPORAL_ADDRESS === undefined) return {};
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('TEMPORAL_')));
}

function exchangeKeys(settings: Settings, paper: PaperKeys): Record<string, string | undefined> {
  const own = settings.UPBIT_BASE_URL !== undefined;
  return {
    UPBIT_ACCESS_KEY: own ? settings.UPBIT_ACCESS_KEY : paper.accessKey,
    UPBIT_SECRET_KEY: own ? settings.UPBIT_SECRET_KEY : paper.secretKey,
  };
}
