import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type Connection } from '@temporalio/client';
import type { TradedAccount } from '../../config/account.ts';
import { endpointOf } from '../../config/endpoint.ts';
import { UserError } from '../../config/user-error.ts';
import { bindAccount } from '../../db/account-binding.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { requireDurableCommits } from '../../db/durability.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { requirePaperExchange } from '../../exchange/paper-proof.ts';
import type { UpbitKeys } from '../../exchange/upbit/authorization.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { type AppliedSchedule, applySchedules, removeUnwantedSchedules } from '../../schedules/apply.ts';
import type { ScheduleInputs } from '../../schedules/definitions.ts';
import { type Pauses, readPauses } from '../../schedules/pauses.ts';
import { askPatiently } from '../audit/patience.ts';
import { connectTemporal } from '../temporal-session.ts';
import { childEnvironment } from './child-environment.ts';
import type { DataBinding } from './data-binding.ts';
import { bindDatabase } from './database-binding.ts';
import { requireKnownOrders } from './known-orders.ts';
import { ROOT } from './node-service.ts';
import { optimizeAt } from './optimize-at.ts';
import { requireOwnSchedules } from './own-schedules.ts';
import { prepareNamespace } from './prepare-namespace.ts';
import { type RunAddresses, targetOf } from './run-addresses.ts';

const DAY_MS = 86_400_000;
/** Closed runs kept in real time. An accelerated run leaves 32 KB a second and would fill the disk, so it keeps an hour. */
const RETENTION_MS = { realTime: 30 * DAY_MS, accelerated: 3_600_000 };

/** Durable and of the newest version. @throws {UserError} when it is not, or cannot be reached */
export async function prepareDatabase(url: string): Promise<void> {
  await useDatabase(url, async (db) => {
    await requireDurableCommits(db);
    await migrateToLatest(db);
  });
}

/** Ties the database to where its candles come from. @throws {UserError} when it is another feed's */
export function bindFeed({ databaseUrl }: RunAddresses, binding: DataBinding): Promise<void> {
  return useDatabase(databaseUrl, (db) => bindDatabase(db, databaseUrl, binding));
}

/**
 * Makes sure that ledger and exchange account belong together; at the first start shares the KRW found there among the
 * markets. Nothing is tied to an account before its exchange has shown that it is on paper and accepted the key.
 *
 * @throws {UserError} when they do not belong together, or the exchange may take real money
 */
export async function openAccount(instance: RunAddresses, traded: TradedAccount, keys: UpbitKeys): Promise<void> {
  await requirePaperExchange(instance.exchangeUrl);
  const exchange = createUpbitClient({ baseUrl: instance.exchangeUrl, keys });
  const balances = await exchange.fetchBalances();
  const krw = balances.find((balance) => balance.currency === 'KRW')?.free ?? '0';
  await useDatabase(instance.databaseUrl, async (db) => {
    await bindAccount(db, traded);
    await requireKnownOrders(db, exchange, traded);
    await ensureMarketAccounts(db, traded.account, instance.markets, krw);
  });
}

async function useDatabase(url: string, work: (db: Db) => Promise<void>): Promise<void> {
  const db = connectDatabase(url, { applicationName: 'durabit-up', maxConnections: 1 });
  try {
    await work(db);
  } finally {
    await db.destroy();
  }
}

/** Namespace, retention and search attributes. */
export function prepareTemporal(instance: RunAddresses): Promise<void> {
  const retentionMs = instance.speed > 1 ? RETENTION_MS.accelerated : RETENTION_MS.realTime;
  return withConnection(instance, async (connection) => {
    const namespace = instance.temporalNamespace;
    await prepareNamespace(connection, { namespace, retentionMs, ownServer: instance.temporalUiUrl !== null });
  });
}

/** @throws {UserError} where the schedules that are there are another bot's */
export function requireOwnNamespace(instance: RunAddresses): Promise<void> {
  return withClient(instance, (client) =>
    useDatabase(instance.databaseUrl, (db) => requireOwnSchedules(client, db, instance)),
  );
}

/** Removes the schedules of an earlier run that this one does not have. Not before it is known that this one may start. */
export async function removeFormerSchedules(instance: RunAddresses): Promise<void> {
  await withClient(instance, (client) => removeUnwantedSchedules(client, scheduleInputs(instance)));
}

/**
 * Creates or updates the schedules of the run's markets.
 *
 * @param pausedBefore what begins paused where Temporal does not have it: it was when it was last seen
 */
export async function applyBotSchedules(
  instance: RunAddresses,
  pausedBefore: Pauses | null = null,
): Promise<readonly AppliedSchedule[]> {
  return withClient(instance, async (client) =>
    applySchedules(client, {
      ...{ ...scheduleInputs(instance), optimizeAt: await optimizeAt(instance) },
      pausedBefore: pausedBefore ?? undefined,
    }),
  );
}

/** What an operator has paused; undefined where Temporal has not all of the run's schedules. */
export function readBotPauses(instance: RunAddresses): Promise<Pauses | undefined> {
  return withClient(instance, (client) => readPauses(client, scheduleInputs(instance)));
}

/**
 * Makes again what a server that was restarted has lost with its database: the bot stood still without schedules. What
 * was paused is paused again. Where nobody has looked yet, those that trade begin paused: to trade against a pause is
 * worse than to wait for a word, and `durabit status` says that they wait.
 *
 * @returns what was done, for the log; undefined where nothing was lost
 */
export async function restoreSchedules(
  instance: RunAddresses,
  pausedBefore: Pauses | null,
): Promise<string | undefined> {
  if ((await readBotPauses(instance)) !== undefined) return undefined;
  const wanted = pausedBefore ?? tradePaused(instance.markets);
  const made = (await applyBotSchedules(instance, wanted)).filter(({ change }) => change === 'created');
  if (made.length === 0) return undefined;
  const paused = made.filter((one) => one.paused).map(({ scheduleId }) => scheduleId);
  return (
    `Temporal lost schedules; made anew: ${made.map((one) => one.scheduleId).join(', ')}` +
    (paused.length === 0 ? '' : `. Paused until npx durabit resume: ${paused.join(', ')}`)
  );
}

function tradePaused(markets: RunAddresses['markets']): Pauses {
  const note = 'Temporal lost its schedules, and whether this one was paused';
  return new Map(markets.map((market) => [`trade-${market}`, note]));
}

function scheduleInputs({ markets, timeframe, candleIntervalMs, account }: RunAddresses): ScheduleInputs {
  return { markets, timeframe, intervalMs: candleIntervalMs, account: account ?? undefined };
}

function withClient<T>(instance: RunAddresses, work: (client: Client) => Promise<T>): Promise<T> {
  return withConnection(instance, (connection) =>
    work(new Client({ connection, namespace: instance.temporalNamespace })),
  );
}

async function withConnection<T>(instance: RunAddresses, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectTemporal(targetOf(instance));
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** @throws {UserError} naming the markets the exchange does not list */
export async function requireListedMarkets(instance: Pick<RunAddresses, 'exchangeUrl' | 'markets'>): Promise<void> {
  const client = createUpbitClient({ baseUrl: instance.exchangeUrl });
  // A machine busy with starting breaks a first connection; seen with three bots starting at once.
  const listed = await askPatiently(() => client.listMarkets());
  const unknown = instance.markets.filter((market) => !listed.includes(market));
  if (unknown.length === 0) return;
  const exchange = endpointOf(instance.exchangeUrl);
  throw new UserError(`${exchange} lists no market ${unknown.join(', ')}; mend --markets or MARKETS`, 2);
}

/** In a process of its own; see `workers/build-bundle.ts`. */
export async function buildBundle(path: string, signal: AbortSignal): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'workers', 'build-bundle.ts'), path], {
    env: childEnvironment(),
    signal,
  });
}
