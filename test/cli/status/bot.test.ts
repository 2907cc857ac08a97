import { expect, it } from 'vitest';
import { botFacts } from '../../../cli/status/bot.ts';
import { NOW } from './facts.ts';

it('of a running bot no password is told, neither that of the database nor one in an address', () => {
  const facts = botFacts(
    {
      ...{ databaseUrl: 'postgresql://owner:secret@127.0.0.1:54329/durabit', temporalAddress: '127.0.0.1:7233' },
      ...{ temporalNamespace: 'durabit', temporalUiUrl: null, exchangeUrl: 'http://user:secret@127.0.0.1:9999/' },
      ...{ account: 'paper-3f9a01c2', paperControlUrl: null, dashboardUrl: null, feed: 'upbit', markets: ['KRW-BTC'] },
      ...{ candleIntervalMs: 60_000, speed: 1, state: 'ready', startedAt: NOW.toISOString(), parts: [], pids: {} },
      supervisor: { pid: 1, startTime: 'then' },
    },
    NOW,
  );
  expect(JSON.stringify(facts)).not.toContain('secret');
  expect(facts).toMatchObject({ exchange_url: 'http://127.0.0.1:9999', database: '127.0.0.1:54329/durabit' });
});
