import { expect, test } from 'vitest';
import { checkAccountKey, expiryOf } from '../../../cli/doctor/account-key.ts';
import type { Settings } from '../../../config/settings.ts';
import { paperOptions, startForTest } from '../../exchange/paper/paper.ts';

const NOW = Date.parse('2026-11-22T00:00:00Z');
const key = (accessKey: string, expiry: string) => ({ accessKey, expiresAt: Date.parse(expiry) });

test.each([
  ['2027-11-22T00:00:00Z', true, 'expires on 2027-11-22, in 365 days'],
  ['2026-12-22T00:00:00Z', true, 'expires on 2026-12-22, in 30 days'],
  ['2026-12-21T23:59:59Z', false, 'expires on 2026-12-21, in 29 days'],
  ['2026-11-23T12:00:00Z', false, 'expires on 2026-11-23, in 1 day'],
  ['2026-11-22T00:00:01Z', false, 'expires on 2026-11-22, in 0 days'],
  ['2026-11-21T23:59:59Z', false, 'expired on 2026-11-21'],
])('a key that expires at %s is well: %s', (expiry, well, text) => {
  const found = expiryOf('mine', {
    exchangeClock: NOW,
    keys: [key('other', '2020-01-01T00:00:00Z'), key('mine', expiry)],
  });

  if (well) expect(found).toBe(text);
  else expect(found).toMatchObject({ ok: false, detail: text, cure: expect.stringContaining('UPBIT_ACCESS_KEY') });
});

test('a key that the exchange does not list is not called expired', () => {
  expect(expiryOf('mine', { exchangeClock: NOW, keys: [] })).toContain('does not say');
});

test('the key of the settings is looked up at their exchange, and the secret is not told', async () => {
  const options = paperOptions();
  const { url } = await startForTest(options);
  const settings = (secret: string) =>
    ({ UPBIT_BASE_URL: url, UPBIT_ACCESS_KEY: options.accessKey, UPBIT_SECRET_KEY: secret }) as Settings;

  expect(await checkAccountKey(settings(options.secretKey))).toMatchObject([
    { check: 'account key', ok: true, detail: 'expires on 2026-09-01, in 365 days' },
  ]);
  const [refused] = await checkAccountKey(settings('another secret'));
  expect(refused).toMatchObject({ ok: false, detail: expect.stringContaining('authentication failed') });
  expect(JSON.stringify(refused)).not.toContain('another secret');
});

test('without keys there is nothing to look up', async () => {
  expect(await checkAccountKey({ UPBIT_BASE_URL: 'http://127.0.0.1:1' } as Settings)).toEqual([]);
});
