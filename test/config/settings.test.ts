import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings, settingsSchema } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';

function faultsOf(env: Record<string, string>): string {
  try {
    readSettings(env, () => {
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    });
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'no fault';
}

describe('settings', () => {
  it('have defaults that need nothing typed', () => {
    expect(readSettings({})).toMatchObject({ CANDLE_INTERVAL_MS: 60_000, PAPER_PORT: 8787 });
  });

  it('treat an empty variable as unset, as a .env template leaves it', () => {
    expect(readSettings({ DATABASE_URL: '', MARKETS: '' }).DATABASE_URL).toBeUndefined();
  });

  it('report every fault at once, each with its name and value', () => {
    const faults = faultsOf({
      PAPER_PORT: 'eighty',
      MARKETS: 'BTC-KRW',
      DATABASE_URL: 'mysql://x/y',
      CANDLE_INTERVAL_MS: '7000',
    });

    expect(faults).toMatch(/^4 settings are wrong/);
    expect(faults).toContain('PAPER_PORT="eighty": must be a port number');
    expect(faults).toContain('MARKETS="BTC-KRW": "BTC-KRW" is not a market code');
    expect(faults).toContain('DATABASE_URL="mysql://x/y": must be a URL like postgres://');
    expect(faults).toContain('CANDLE_INTERVAL_MS="7000": must be');
  });

  it.each([
    ['TEMPORAL_ADDRESS', 'http://localhost:7233', 'HOST:PORT'],
    ['MARKETS', 'KRW-BTC,KRW-BTC', 'twice'],
    ['PAPER_PORT', '70000', 'port number'],
    ['UPBIT_BASE_URL', 'api.upbit.com', 'must be a URL'],
  ])('refuse %s=%s', (name, value, why) => {
    expect(faultsOf({ [name]: value })).toContain(why);
  });

  it.each([
    ['THRESHOLD', ['0.0001', '0.2', '0.25', '1', '1.0000'], ['0', '0.0000', '1.0001', '0.20001', '-0.2', '2e-1', '.2']],
    [
      'AGGRESSIVENESS',
      ['0', '0.0015', '0.09999999'],
      ['0.1', '-0.001', '0.000000001', '0,0015', '0.15%', '1e-3', ' 0'],
    ],
    ['FEE_RATE', ['0', '0.0005', '0.00000001'], ['0.1', '1', '-0.0005', 'free']],
    ['FEE_BUFFER', ['0', '0.0005'], ['0.1', '1', '-0.0005', '5e-4']],
    ['FEED_MODE', ['rest', 'websocket'], ['REST', 'ws', 'stream']],
    ['TRADING_MODE', ['paper', 'shadow', 'live'], ['Live', 'real', 'true']],
    ['TRADE_TIMEFRAME', ['1m'], ['5m', '1h', '60']],
    ['PROMOTION', ['off', 'in-sample'], ['on', 'guarded', 'In-Sample']],
  ] as const)('%s takes %o, digit for digit, and refuses %o', (name, good, wrong) => {
    for (const value of good) expect(readSettings({ [name]: value })[name]).toBe(value);
    for (const value of wrong) expect(faultsOf({ [name]: value })).toContain(`${name}="${value}": must be `);
  });

  it('OPTIMIZER_WINDOW takes 100 to 100000 candles and refuses others', () => {
    expect(readSettings({}).OPTIMIZER_WINDOW).toBe(1_000);
    for (const value of ['100', '43200', '100000']) {
      expect(readSettings({ OPTIMIZER_WINDOW: value }).OPTIMIZER_WINDOW).toBe(Number(value));
    }
    for (const value of ['99', '100001', '1e3', '-100', '1,000', '7d']) {
      expect(faultsOf({ OPTIMIZER_WINDOW: value })).toContain(`OPTIMIZER_WINDOW="${value}": must be `);
    }
  });

  it('for trading default to what strategies and sizing take by themselves', () => {
    const { AGGRESSIVENESS, FEE_BUFFER, THRESHOLD, FEE_RATE, TRADE_TIMEFRAME, TRADING_MODE } = readSettings({});

    expect(DEFAULT_SIZING).toMatchObject({ aggressiveness: AGGRESSIVENESS, feeBuffer: FEE_BUFFER });
    expect([THRESHOLD, FEE_RATE, TRADING_MODE]).toEqual([undefined, undefined, undefined]);
    expect(TRADE_TIMEFRAME).toBe('1m');
  });

  it('for trading are all explained in docs/settings.md', () => {
    const page = readFileSync('docs/settings.md', 'utf8');
    const trading = [
      'FEED_MODE',
      'TRADING_MODE',
      'TRADE_TIMEFRAME',
      'THRESHOLD',
      'AGGRESSIVENESS',
      'FEE_RATE',
      'FEE_BUFFER',
      'PROMOTION',
      'OPTIMIZER_WINDOW',
    ];
    expect(trading.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('read keys from files and never show a key in a fault', () => {
    expect(readSettings({ UPBIT_SECRET_KEY_FILE: '/run/secret' }, () => 'from-file\n').UPBIT_SECRET_KEY).toBe(
      'from-file',
    );
    expect(faultsOf({ UPBIT_ACCESS_KEY_FILE: '/nowhere' })).toContain(
      'UPBIT_ACCESS_KEY_FILE="/nowhere" cannot be read (ENOENT)',
    );
    const both = faultsOf({ UPBIT_SECRET_KEY: 'hunter2', UPBIT_SECRET_KEY_FILE: '/run/secret' });
    expect(both).toContain('both set');
    expect(both).not.toContain('hunter2');
  });

  it('are all listed in .env.example, and nothing else is', () => {
    const listed = [...readFileSync('.env.example', 'utf8').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(
      (match) => match[1],
    );
    expect(listed.sort()).toEqual(Object.keys(settingsSchema.shape).sort());
  });

  it('are explained in .env.example in the words of the schema', () => {
    const example = readFileSync('.env.example', 'utf8');
    const unexplained = Object.entries(settingsSchema.shape).filter(([, schema]) => {
      const text = schema.description;
      return text === undefined || !example.includes(`# ${text}\n`);
    });
    expect(unexplained.map(([name]) => name)).toEqual([]);
  });

  it('show no password of an address in a fault', () => {
    const faults = faultsOf({ DATABASE_URL: 'mysql://u:hunter2@host/db' });
    expect(faults).toContain('mysql://***@host/db');
    expect(faults).not.toContain('hunter2');
  });

  it.each([
    ['https://me:hunter2@api.upbit.com', 'must hold no user name and no password'],
    ['https://hunter2@api.upbit.com', 'must hold no user name and no password'],
    ['http://me:hun@ter2@127.0.0.1:8787', 'must hold no user name and no password'],
    ['https://me:hunt/er2@api.upbit.com', 'must be a URL like'],
  ])('refuse credentials in the exchange’s address, and show none of them: %s', (address, why) => {
    const faults = faultsOf({ UPBIT_BASE_URL: address });
    expect(faults).toMatch(/^1 setting is wrong:\n {2}UPBIT_BASE_URL="https?:\/\/\*\*\*@/);
    expect(faults).toContain(why);
    expect(faults).not.toMatch(/hun|me:|er2/);
  });
});
