import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { onDatabase, startCommand } from '../../cli/context.ts';
import { processOutput } from '../../cli/output.ts';
import { readSettings } from '../../config/settings.ts';

const root = resolve(import.meta.dirname, '..', '..');

it.each([
  ['the default data directory', resolve(root, 'data'), 'npm start'],
  ['another one', '/srv/bot', 'npm start -- --data-dir /srv/bot'],
])('%s is started with its own name', (_, dataDir, command) => {
  expect(startCommand(dataDir)).toBe(command);
});

it('on another database everything else stays, and neither keys nor passwords are shown', () => {
  const secret = 'not-to-be-shown';
  const settings = readSettings({ UPBIT_ACCESS_KEY: 'a key', UPBIT_SECRET_KEY: secret, MARKETS: 'KRW-ETH' });
  const context = { env: {}, settings, dataDir: '/srv/bot', output: processOutput };
  const url = `postgres://user:${secret}@127.0.0.1/durabit`;

  const there = onDatabase(context, url);

  expect(there).toMatchObject({ dataDir: '/srv/bot', settings: { DATABASE_URL: url, MARKETS: ['KRW-ETH'] } });
  expect(there.settings.UPBIT_SECRET_KEY).toBe(secret);
  expect(settings.DATABASE_URL).toBeUndefined();
  for (const shown of [inspect(there, { showHidden: true, depth: 5 }), JSON.stringify(there)]) {
    expect(shown).not.toContain(secret);
    expect(shown).toContain('postgres://***@127.0.0.1/durabit');
  }
});
