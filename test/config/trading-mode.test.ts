import { describe, expect, it } from 'vitest';
import { accountToTrade, EMBEDDED_EXCHANGE } from '../../config/account.ts';
import { endpointOf } from '../../config/endpoint.ts';
import { tradedMode } from '../../config/trading-mode.ts';

const KEYS = { UPBIT_ACCESS_KEY: 'mine', UPBIT_SECRET_KEY: 'secret' };
const UPBIT = 'https://api.upbit.com';
const HERE = 'http://127.0.0.1:8787';

describe('what is traded', () => {
  it.each([
    { settings: {}, mode: 'paper', why: 'the embedded exchange is paper' },
    { settings: { TRADING_MODE: 'paper' }, mode: 'paper', why: 'the same, said' },
    { settings: { ...KEYS }, mode: 'paper', why: 'keys alone ask for nothing' },
    { settings: { UPBIT_BASE_URL: UPBIT, ...KEYS }, mode: null, why: 'keys and Upbit alone ask for nothing' },
    { settings: { UPBIT_BASE_URL: HERE, ...KEYS }, mode: null, why: 'nor does an exchange here' },
    { settings: { UPBIT_BASE_URL: HERE, TRADING_MODE: 'paper', ...KEYS }, mode: 'paper', why: 'said in so many words' },
    { settings: { UPBIT_BASE_URL: 'http://localhost:1', TRADING_MODE: 'paper', ...KEYS }, mode: 'paper', why: 'here' },
    { settings: { UPBIT_BASE_URL: 'http://[::1]:1', TRADING_MODE: 'paper', ...KEYS }, mode: 'paper', why: 'here' },
  ] as const)('is $mode with $settings: $why', ({ settings, mode }) => {
    expect(tradedMode(settings)).toBe(mode);
  });

  it.each([
    { settings: { TRADING_MODE: 'live' }, says: /TRADING_MODE=live: trading with real money is not released yet/ },
    { settings: { TRADING_MODE: 'live', UPBIT_BASE_URL: UPBIT, ...KEYS }, says: /not released yet/ },
    { settings: { TRADING_MODE: 'live', UPBIT_BASE_URL: HERE, ...KEYS }, says: /not released yet/ },
    { settings: { TRADING_MODE: 'shadow' }, says: /TRADING_MODE=shadow: .* not built yet/ },
    { settings: { TRADING_MODE: 'paper', UPBIT_BASE_URL: UPBIT, ...KEYS }, says: /api\.upbit\.com is not on this/ },
    { settings: { TRADING_MODE: 'paper', UPBIT_BASE_URL: 'http://127.0.0.1.evil.com', ...KEYS }, says: /evil\.com is/ },
    { settings: { TRADING_MODE: 'paper', UPBIT_BASE_URL: 'http://127.0.0.1@evil.com', ...KEYS }, says: /evil\.com is/ },
    { settings: { TRADING_MODE: 'paper', UPBIT_BASE_URL: 'http://10.0.0.1:8787', ...KEYS }, says: /10\.0\.0\.1/ },
    {
      settings: { TRADING_MODE: 'paper', UPBIT_BASE_URL: HERE },
      says: /UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY not set/,
    },
    {
      settings: { TRADING_MODE: 'paper', UPBIT_BASE_URL: HERE, UPBIT_ACCESS_KEY: 'mine' },
      says: /8787: UPBIT_SECRET_KEY not set/,
    },
  ] as const)('is refused with $settings', ({ settings, says }) => {
    expect(() => tradedMode(settings)).toThrow(says);
    expect(() => tradedMode(settings)).toThrow(expect.objectContaining({ name: 'UserError', exitCode: 2 }));
  });
});

describe('the account', () => {
  it('is named after mode and key, and nobody reads the key in it', () => {
    const own = accountToTrade({ UPBIT_BASE_URL: HERE, TRADING_MODE: 'paper', ...KEYS });
    expect(own).toEqual({ account: 'paper-3fd30542', mode: 'paper', endpoint: HERE });
    expect(own?.account).not.toContain('mine');
  });

  it('of the embedded exchange is the same whatever its port', () => {
    expect(accountToTrade({}, 'minted')).toMatchObject({ endpoint: EMBEDDED_EXCHANGE });
    expect(accountToTrade({}, 'minted')?.account).not.toBe(accountToTrade({}, 'another')?.account);
  });

  it('is none where candles are only collected', () => {
    expect(accountToTrade({ UPBIT_BASE_URL: UPBIT, ...KEYS }, 'minted')).toBeNull();
  });
});

it.each([
  ['https://api.upbit.com/', 'https://api.upbit.com'],
  ['https://API.upbit.com:443', 'https://api.upbit.com'],
  ['http://localhost:8787', 'http://127.0.0.1:8787'],
  ['http://user:password@127.0.0.1:8787/upbit/?x=1', 'http://127.0.0.1:8787/upbit'],
])('%s is the exchange %s', (url, endpoint) => {
  expect(endpointOf(url)).toBe(endpoint);
});
