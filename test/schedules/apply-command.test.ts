import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { schedulesApply } from '../../cli/commands/schedules.ts';
import { removeInstance, writeInstance } from '../../cli/up/instance-file.ts';
import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import { accountName } from '../../config/account.ts';
import { parseMarket } from '../../config/market.ts';
import { settingsSchema } from '../../config/settings.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { listScheduleIds, listSchedules, scheduledAccounts } from '../../schedules/operate.ts';
import { instance, temporaryDirectory, until } from '../cli/up/support.ts';
import { temporalAddress } from '../support/temporal.ts';

const ACCOUNT = accountName('paper', 'own-key');
const ALL = ['collect-KRW-BTC', 'optimize-KRW-BTC', 'reconcile', 'trade-KRW-BTC'];
const MINUTE = { markets: [parseMarket('KRW-BTC')], timeframe: '1m', intervalMs: 60_000 } as const;
/** Of a bot in containers or under another supervisor. At one minute a candle nobody is asked at this address. */
const DESCRIBED = {
  ...{ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d', UPBIT_BASE_URL: 'http://127.0.0.1:1', MARKETS: 'KRW-BTC' },
  ...{ TRADING_MODE: 'paper', UPBIT_ACCESS_KEY: 'own-key', UPBIT_SECRET_KEY: 'own-secret' },
};

let connection: Connection;
let client: Client;
let namespace: string;
const directory = temporaryDirectory();

beforeAll(async () => {
  namespace = `apply-${randomUUID().slice(0, 8)}`;
  await prepareTemporal({ ...instance, markets: [], temporalAddress: temporalAddress(), temporalNamespace: namespace });
  connection = await Connection.connect({ address: temporalAddress() });
  client = new Client({ connection, namespace });
  await applySchedules(client, { ...MINUTE, account: ACCOUNT });
  await client.schedule.getHandle('trade-KRW-BTC').pause('holiday');
  await until('all are listed', async () => (await listScheduleIds(client)).length === ALL.length);
});
afterAll(async () => {
  for (const id of await listScheduleIds(client)) await client.schedule.getHandle(id).delete();
  await connection.close();
  directory.remove();
});

let said = '';
beforeEach(() => {
  said = '';
  const listen = (text: unknown) => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(listen);
  vi.spyOn(process.stderr, 'write').mockImplementation(listen);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** `durabit schedules apply` with these settings and no others. */
async function apply(settings: Record<string, string>): Promise<string> {
  for (const name of Object.keys(settingsSchema.shape)) vi.stubEnv(name, settings[name] ?? '');
  await schedulesApply({ dataDir: directory.path });
  return said;
}

const ownServer = () => ({ TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_NAMESPACE: namespace });

async function expectNothingChanged(): Promise<void> {
  const states = await listSchedules(client);
  expect(states.map(({ schedule_id: id }) => id)).toEqual(ALL);
  expect(states.find(({ kind }) => kind === 'trade')).toMatchObject({ paused: true, note: 'holiday', every: '60 s' });
  expect(await scheduledAccounts(client)).toEqual([ACCOUNT]);
}

describe('with no running bot', () => {
  it.each([
    ['Temporal and markets alone', {}, /no durabit is running on .*not set here: DATABASE_URL, UPBIT_BASE_URL\)/],
    ['all but the markets', { ...DESCRIBED, MARKETS: '' }, /not set here: MARKETS\)/],
    ['nothing to trade', { ...DESCRIBED, TRADING_MODE: '' }, /by the settings here it is none: nothing was changed/],
    [
      'another account',
      { ...DESCRIBED, UPBIT_ACCESS_KEY: 'other' },
      /trade account paper-\w{8}, and .* is paper-\w{8}:/,
    ],
  ])('settings that name %s are refused, and no schedule is deleted', async (_, settings, why) => {
    await expect(apply({ MARKETS: 'KRW-BTC', ...settings, ...ownServer() })).rejects.toThrow(why);
    await expectNothingChanged();
  });

  it('a bot that the settings describe keeps its trading, and what is paused', async () => {
    const applied = await apply({ ...DESCRIBED, ...ownServer() });

    expect(applied.trim().split('\n').sort()).toEqual([
      ...['updated collect-KRW-BTC', 'updated optimize-KRW-BTC', 'updated reconcile'],
      'updated trade-KRW-BTC (stays paused)',
    ]);
    await expectNothingChanged();
  });
});

describe('with a running bot', () => {
  const write = () => {
    const where = { temporalAddress: temporalAddress(), temporalNamespace: namespace, temporalUiUrl: null };
    const real = { account: ACCOUNT, candleIntervalMs: 60_000, speed: 1 };
    writeInstance(directory.path, { ...instance, ...where, ...real }, 'ready', new Date());
  };
  beforeAll(write);
  afterAll(() => removeInstance(directory.path));

  it('its account and markets count, and other markets in the settings are named', async () => {
    const applied = await apply({ MARKETS: 'KRW-ETH' });

    expect(applied).toContain('the running bot keeps its markets (KRW-BTC); its next start takes those of MARKETS\n');
    expect(applied).toContain('updated trade-KRW-BTC (stays paused)');
    await expectNothingChanged();
  });

  it('settings that lead to another server are refused', async () => {
    const elsewhere = { ...ownServer(), TEMPORAL_NAMESPACE: 'elsewhere' };
    await expect(apply(elsewhere)).rejects.toThrow(
      /has its schedules on Temporal at .* name .*\(namespace elsewhere\)/,
    );
    await expectNothingChanged();
  });
});

it('no keys are minted for asking', async () => {
  await expect(apply({ ...ownServer(), MARKETS: 'KRW-BTC' })).rejects.toThrow('no durabit is running');
  expect(existsSync(join(directory.path, 'paper-keys.json'))).toBe(false);
});
