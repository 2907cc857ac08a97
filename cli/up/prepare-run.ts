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
import { applySchedules, hasSchedules, removeUnwantedSchedules } from '../../schedules/apply.ts';
import type { ScheduleInputs } from '../../schedules/definitions.ts';
import { connectTemporal } from '../temporal-session.ts';
import { childEnvironment } from './child-environment.ts';
import type { DataBinding } from './data-binding.ts';
import { bindDatabase } from './database-binding.ts';
import { requireKnownOrders } from './known-orders.ts';
import { ROOT } from './node-service.ts';
import { optimizeAt } from './optimize-at.ts';
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

/** Namespace, retention and search attributes; schedules of an earlier run that this one does not have are removed. */
export function prepareTemporal(instance: RunAddresses): Promise<void> {
  const retentionMs = instance.speed > 1 ? RETENTION_MS.accelerated : RETENTION_MS.realTime;
  return withConnection(instance, async (connection) => {
    const namespace = instance.temporalNamespace;
    await prepareNamespace(connection, { namespace, retentionMs, ownServer: instance.temporalUiUrl !== null });
    await removeUnwantedSchedules(new Client({ connection, namespace }), scheduleInputs(instance));
  });
}

/** Creates or updates the schedules of the run's markets. */
export function applyBotSchedules(instance: RunAddresses): Promise<void> {
  return withConnection(instance, async (connection) => {
    const client = new Client({ connection, namespace: instance.temporalNamespace });
    await applySchedules(client, { ...scheduleInputs(instance), optimizeAt: await optimizeAt(instance) });
  });
}

/** Makes again what a server that was restarted has lost with its database: the bot stood still without schedules. */
export async function restoreTemporal(instance: RunAddresses): Promise<void> {
  const complete = await withConnection(instance, (connection) => {
    const client = new Client({ connection, namespace: instance.temporalNamespace });
    return hasSchedules(client, scheduleInputs(instance));
  });
  if (complete) return;
  await prepareTemporal(instance);
  await applyBotSchedules(instance);
}

function scheduleInputs({ markets, timeframe, candleIntervalMs, account }: RunAddresses): ScheduleInputs {
  return { markets, timeframe, intervalMs: candleIntervalMs, account: account ?? undefined };
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
  const listed = await createUpbitClient({ baseUrl: instance.exchangeUrl }).listMarkets();
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
