import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings, settingsSchema } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';

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
});
