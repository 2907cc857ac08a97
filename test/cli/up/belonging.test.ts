import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { planBot } from '../../../cli/up/bot-plan.ts';
import { paperKeys } from '../../../cli/up/paper-keys.ts';
import { parseMarket } from '../../../config/market.ts';
import { readSettings } from '../../../config/settings.ts';
import { connectDatabase } from '../../../db/connect.ts';
import { readMarketAccounts, readTradedAccounts } from '../../../db/market-accounts.ts';
import { recordAccepted } from '../../../db/order-outcomes.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { insertIntendedOrder } from '../../../db/orders.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { type BotId, orderIdentifier } from '../../../strategy/order-identifier.ts';
import { temporaryFolder } from '../../exchange/paper/paper.ts';
import { startTunnel } from '../../exchange/tunnel.ts';
import { createTestDatabase } from '../../support/database.ts';

const BTC = parseMarket('KRW-BTC');
const NOW = Date.now();

async function aDatabase(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}

/** A data directory with its paper exchange, at whatever port, as `durabit up` would run it on the given database. */
function aDataDirectory(databaseUrl: string, { seed = 1 } = {}) {
  const path = temporaryFolder();
  const keys = paperKeys(path);

  async function startExchange() {
    const exchange = await startPaperExchange({
      ...{ ...keys, feed: 'simulated', markets: [BTC], seed, speed: 60, port: 0 },
      stateDir: join(path, 'exchange'),
    });
    onTestFinished(() => exchange.close());
    return exchange;
  }

  /** What a start does up to the workers. Returns the account it trades. */
  async function prepare(port: number, env: Record<string, string> = {}): Promise<string | null> {
    const settings = readSettings({
      ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: '127.0.0.1:1', PAPER_PORT: String(port) },
      ...env,
    });
    const request = { feed: 'simulated', replay: [], markets: [BTC], speed: 60, seed } as const;
    const { steps, instance } = await planBot(request, settings, path);
    for (const name of ['database', 'markets', 'feed', 'accounts']) {
      const step = steps.find((one) => one.kind === 'task' && one.name === name);
      if (step?.kind !== 'task') throw new Error(`no task ${name}`);
      await step.run(new AbortController().signal);
    }
    return instance.account;
  }

  return { path, keys, startExchange, prepare };
}

test('a second start on another port goes on with the same account', async () => {
  const url = await aDatabase();
  const directory = aDataDirectory(url);
  const first = await directory.startExchange();
  const account = await directory.prepare(first.port);
  await first.close();

  const second = await directory.startExchange();

  expect(second.port).not.toBe(first.port);
  expect(await directory.prepare(second.port)).toBe(account);
});

test('another data directory on the same database is refused: its paper account is another', async () => {
  const url = await aDatabase();
  const [one, other] = [aDataDirectory(url), aDataDirectory(url)];
  const account = await one.prepare((await one.startExchange()).port);

  await expect(other.prepare((await other.startExchange()).port)).rejects.toThrow(
    `it holds:  account ${account} at the paper exchange of durabit up`,
  );

  const db = connectDatabase(url, { applicationName: 'test' });
  onTestFinished(() => db.destroy());
  expect(await readTradedAccounts(db)).toEqual([account]);
});

test('another feed on the same database is refused: candles of two would be mixed', async () => {
  const url = await aDatabase();
  const [one, other] = [aDataDirectory(url), aDataDirectory(url, { seed: 2 })];
  await one.prepare((await one.startExchange()).port);

  await expect(other.prepare((await other.startExchange()).port)).rejects.toThrow(
    /holds candles of another feed:\n {2}it holds: {2}--feed simulated --seed 1 --book endless\n {2}asked for: --feed simulated --seed 2 --book endless/,
  );
});

test('so is an exchange of the user’s own on the database of a simulation', async () => {
  const url = await aDatabase();
  const directory = aDataDirectory(url);
  const exchange = await directory.startExchange();
  await directory.prepare(exchange.port);

  await expect(directory.prepare(exchange.port, { UPBIT_BASE_URL: exchange.url })).rejects.toThrow(
    `asked for: UPBIT_BASE_URL=${exchange.url}`,
  );
});

test('a start whose exchange does not accept the key ties nothing', async () => {
  const url = await aDatabase();
  const [right, wrong] = [aDataDirectory(url), aDataDirectory(url)];
  const exchange = await right.startExchange();

  await expect(wrong.prepare(exchange.port)).rejects.toMatchObject({ name: 'AuthenticationFailed' });

  expect(await right.prepare(exchange.port)).toMatch(/^paper-/);
});

test('an exchange that was wiped under a ledger with orders is refused; one that knows them is not', async () => {
  const url = await aDatabase();
  const directory = aDataDirectory(url);
  const exchange = await directory.startExchange();
  const account = (await directory.prepare(exchange.port)) ?? '';
  const identifier = await placeAnOrder(
    url,
    account,
    createUpbitClient({ baseUrl: exchange.url, keys: directory.keys }),
  );
  expect(await directory.prepare(exchange.port)).toBe(account);

  await exchange.close();
  rmSync(join(directory.path, 'exchange'), { recursive: true });
  const wiped = await directory.startExchange();

  await expect(directory.prepare(wiped.port)).rejects.toThrow(
    `the ledger of ${account} does not belong to the paper exchange of durabit up: it holds order ${identifier}, ` +
      'accepted there, which the exchange has never seen.',
  );
});

test('a wiped exchange under a ledger without orders is taken: no money has moved yet', async () => {
  const url = await aDatabase();
  const directory = aDataDirectory(url);
  const exchange = await directory.startExchange();
  const account = await directory.prepare(exchange.port);
  await exchange.close();
  rmSync(join(directory.path, 'exchange'), { recursive: true });

  expect(await directory.prepare((await directory.startExchange()).port)).toBe(account);
});

test('a loopback exchange of the user’s own is traded on when the mode asks for it', async () => {
  const url = await aDatabase();
  const directory = aDataDirectory(url);
  const exchange = await directory.startExchange();
  const own = {
    UPBIT_BASE_URL: exchange.url,
    UPBIT_ACCESS_KEY: directory.keys.accessKey,
    UPBIT_SECRET_KEY: directory.keys.secretKey,
  };

  expect(await directory.prepare(exchange.port, own)).toBeNull();
  const account = (await directory.prepare(exchange.port, { ...own, TRADING_MODE: 'paper' })) ?? '';

  const db = connectDatabase(url, { applicationName: 'test' });
  onTestFinished(() => db.destroy());
  expect((await readMarketAccounts(db, account)).map(({ holdings }) => holdings.cash)).toEqual(['10000000']);
});

test('one that does not show that it is on paper is refused before it sees the key, and nothing is tied to it', async () => {
  const url = await aDatabase();
  const directory = aDataDirectory(url);
  const tunnel = await startTunnel((await directory.startExchange()).url);
  const { accessKey, secretKey } = directory.keys;
  const own = { UPBIT_BASE_URL: tunnel.url, UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey };

  await expect(directory.prepare(9, { ...own, TRADING_MODE: 'paper' })).rejects.toThrow(
    `${tunnel.url} is not a paper exchange of durabit and may take real money`,
  );

  const db = connectDatabase(url, { applicationName: 'test' });
  onTestFinished(() => db.destroy());
  expect(await readTradedAccounts(db)).toEqual([]);
  expect(tunnel.signed).toEqual([]);
});

async function placeAnOrder(
  url: string,
  account: string,
  exchange: ReturnType<typeof createUpbitClient>,
): Promise<string> {
  const db = connectDatabase(url, { applicationName: 'test' });
  const identifier = orderIdentifier({ botId: 'testbot1' as BotId, market: BTC, candle: 0, leg: 'entry' });
  const request = { market: BTC, identifier, type: 'limit', side: 'bid', price: '1000000', volume: '0.01' } as const;
  await db.transaction().execute((trx) =>
    insertIntendedOrder(trx, {
      ...{ account, identifier, market: BTC, leg: 'entry', side: 'bid', price: request.price, feeRate: '0.0005' },
      ...{ quantity: request.volume, request: { ...request }, deadline: NOW + 60_000, decision: null },
    }),
  );
  await beginSending(db, identifier, NOW);
  await recordAccepted(db, identifier, (await exchange.createOrder(request)).exchangeOrderId);
  await db.destroy();
  return identifier;
}
