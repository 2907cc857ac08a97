import { expect, test } from 'vitest';
import { banner } from '../../../cli/up/banner.ts';
import { parseMarket } from '../../../config/market.ts';
import { instance } from './support.ts';

const addresses = { ...instance, account: 'paper-3f9a01c2', markets: [parseMarket('KRW-BTC')] };

test('the banner says that this is paper money, how fast it runs, and no password', () => {
  const shown = banner(addresses);

  expect(shown).toContain('PAPER MONEY');
  expect(shown).toContain('simulated prices of KRW-BTC, 60 times as fast as real time, a candle every 1 s');
  expect(shown).toContain('http://127.0.0.1:8233/namespaces/durabit/workflows');
  expect(shown).not.toContain('secret');
});

test('live prices are called so', () => {
  const shown = banner({ ...addresses, feed: 'upbit', speed: 1, candleIntervalMs: 60_000 });

  expect(shown).toContain('PAPER MONEY');
  expect(shown).toContain('live prices of KRW-BTC, in real time, a candle a minute');
});

test('where nothing is traded it says so, and where the candles come from', () => {
  const shown = banner({ ...addresses, account: null, exchangeUrl: 'https://api.upbit.com' });

  expect(shown).not.toContain('PAPER');
  expect(shown).toContain('candles of https://api.upbit.com are collected; no order is ever sent');
});

test('whatever stands in an address, no user name and no password of it is shown', () => {
  const exchangeUrl = 'http://me:hunter2@127.0.0.1:9999/upbit/?token=hunter3';
  for (const account of [null, 'paper-3f9a01c2']) {
    const shown = banner({ ...addresses, account, exchangeUrl });
    expect(shown).toContain('http://127.0.0.1:9999/upbit/v1/candles/minutes/1');
    expect(shown).not.toMatch(/hunter|me:/);
  }
});
