import { join } from 'node:path';
import { accountToTrade } from '../../config/account.ts';
import { endpointOf } from '../../config/endpoint.ts';
import { promotionRule } from '../../config/promotion.ts';
import type { Settings } from '../../config/settings.ts';
import type { UpbitKeys } from '../../exchange/upbit/authorization.ts';
import { workflowBundlePath } from '../../workers/bundle-path.ts';
import { TASK_QUEUES, type TaskQueue } from '../../workers/task-queues.ts';
import { accountKeys } from './account-keys.ts';
import { embeddedServers } from './bot-servers.ts';
import { childEnvironment } from './child-environment.ts';
import { type DataBinding, describeReplayFiles } from './data-binding.ts';
import { keepPauses, readKeptPauses } from './kept-pauses.ts';
import { nodeService } from './node-service.ts';
import { paperKeys } from './paper-keys.ts';
import {
  applyBotSchedules,
  bindFeed,
  buildBundle,
  openAccount,
  prepareDatabase,
  prepareTemporal,
  readBotPauses,
  removeFormerSchedules,
  requireListedMarkets,
  requireOwnNamespace,
  restoreSchedules,
} from './prepare-run.ts';
import { addressesOf, type RunAddresses } from './run-addresses.ts';
import type { RunRequest } from './run-request.ts';
import type { ServiceStep, Step, SupervisorPlan, TaskStep } from './supervisor-plan.ts';

export interface BotPlan extends Pick<SupervisorPlan, 'binding' | 'ports' | 'steps'> {
  readonly instance: RunAddresses;
  /** Keys of the account that is traded; null where candles are only collected. */
  readonly keys: UpbitKeys | null;
}

/**
 * What `durabit up` starts, in which order: servers first (those the settings do not name elsewhere), then what
 * prepares them, then one worker process per task queue, schedules last so that their first runs find a worker.
 */
export async function planBot(request: RunRequest, settings: Settings, dataDir: string): Promise<BotPlan> {
  const paper = paperKeys(dataDir);
  const traded = accountToTrade(settings, paper.accessKey);
  const keys = traded === null ? null : accountKeys(settings, dataDir);
  const instance = addressesOf(request, settings, dataDir, traded);
  const binding = await bindingOf(request, settings);
  const bundle = await workflowBundlePath(join(dataDir, 'bundle'));
  const servers = embeddedServers(request, settings, dataDir, paper);
  const up = servers.map(({ step }) => step.service.name);
  const workerSettings = {
    ...inheritedTemporalEnv(settings),
    DATABASE_URL: instance.databaseUrl,
    TEMPORAL_ADDRESS: instance.temporalAddress,
    TEMPORAL_NAMESPACE: instance.temporalNamespace,
    UPBIT_BASE_URL: instance.exchangeUrl,
    CANDLE_INTERVAL_MS: String(instance.candleIntervalMs),
    MARKETS: instance.markets.join(','),
    FEED_MODE: settings.FEED_MODE,
    DURABIT_WORKFLOW_BUNDLE: bundle,
  };
  // Prices need no key: only who trades is given one, and how to trade.
  const traderSettings = {
    ...workerSettings,
    TRADING_MODE: traded?.mode,
    UPBIT_ACCESS_KEY: keys?.accessKey,
    UPBIT_SECRET_KEY: keys?.secretKey,
    THRESHOLD: settings.THRESHOLD,
    AGGRESSIVENESS: settings.AGGRESSIVENESS,
    FEE_RATE: settings.FEE_RATE,
    FEE_BUFFER: settings.FEE_BUFFER,
  };
  // What simulated orders cost, and whether what is found is traded on: here it is known whose exchange it is.
  const optimizerSettings = {
    ...workerSettings,
    TRADING_MODE: traded?.mode,
    PROMOTION: promotionRule(settings),
    OPTIMIZER_WINDOW: String(settings.OPTIMIZER_WINDOW),
    AGGRESSIVENESS: settings.AGGRESSIVENESS,
    FEE_RATE: settings.FEE_RATE,
    FEE_BUFFER: settings.FEE_BUFFER,
  };
  const settingsOf: Record<TaskQueue, Record<string, string | undefined>> = {
    collector: workerSettings,
    trader: traderSettings,
    optimizer: optimizerSettings,
  };
  const workers = Object.keys(TASK_QUEUES).map(
    (queue): ServiceStep => ({
      kind: 'worker',
      service: nodeService(queue, ['workers', `${queue}.ts`], [], childEnvironment(settingsOf[queue as TaskQueue])),
      dependsOn: ['former-schedules'],
    }),
  );
  let scheduled = false;
  const afterTemporal = async () => {
    await prepareTemporal(instance);
    // What was not made yet is the start's to make, when it knows that it may.
    return scheduled ? restoreSchedules(instance, readKeptPauses(dataDir)) : undefined;
  };
  const steps: Step[] = [
    ...servers.map(({ step }) => (step.service.name === 'temporal' ? { ...step, afterRestart: afterTemporal } : step)),
    task('database', up.filter(named('postgres')), () => prepareDatabase(instance.databaseUrl)),
    task('namespace', up.filter(named('temporal')), () => prepareTemporal(instance)),
    task('markets', up.filter(named('exchange')), () => requireListedMarkets(instance)),
    task('own-namespace', ['database', 'namespace'], () => requireOwnNamespace(instance)),
    // Not before exchange, markets and namespace are in order: a start that fails must not tie the database to a feed.
    task('feed', ['markets', 'own-namespace'], () => bindFeed(instance, binding)),
    task('accounts', ['feed'], async () => {
      if (traded !== null && keys !== null) await openAccount(instance, traded, keys);
    }),
    task('bundle', [], (signal) => buildBundle(bundle, signal)),
    // When all that may refuse the start has not, and before a worker could pick their runs up.
    task('former-schedules', ['accounts', 'bundle'], () => removeFormerSchedules(instance)),
    ...workers,
    task(
      'schedules',
      workers.map(({ service }) => service.name),
      async (signal) => {
        await applyBotSchedules(instance, readKeptPauses(dataDir));
        scheduled = true;
        void keepPauses(dataDir, () => readBotPauses(instance), signal);
      },
    ),
  ];
  return { binding, ports: servers.flatMap(({ ports }) => ports), steps, instance, keys };
}

/** Where the candles come from. An exchange of the user's own has its own prices, whatever feed is named. */
async function bindingOf(request: RunRequest, settings: Settings): Promise<DataBinding> {
  if (settings.UPBIT_BASE_URL !== undefined) {
    return { feed: 'upbit', replayFiles: [], seed: null, exchange: endpointOf(settings.UPBIT_BASE_URL) };
  }
  const replayFiles = await describeReplayFiles(request.replay);
  const { feed, source, book } = request;
  if (source !== undefined) return { feed, replayFiles, seed: null, source, ...(book !== undefined && { book }) };
  const seed = feed === 'simulated' || book !== undefined ? request.seed : null;
  return { feed, replayFiles, seed, ...(book !== undefined && { book }) };
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
