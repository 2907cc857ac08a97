import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { readKeyRefusals } from '../../db/key-refusals.ts';
import { AuthenticationFailed } from '../../exchange/errors.ts';
import type { KeyNews, KeyUse } from '../../exchange/key-watch.ts';
import { reportKey } from '../../workers/key-report.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();
let made = 0;
const anotherAccount = () => {
  made += 1;
  return `paper-${made}`;
};

/** What is written of an account of its own, whose worker's clock stands until it is moved. */
function start(account = anotherAccount()) {
  const said: string[] = [];
  const clock = { now: 1_000_000 };
  const report = reportKey(db, { account, say: (line) => void said.push(line) }, () => clock.now);
  onTestFinished(() => report.close());
  return {
    ...{ account, said, clock, report },
    refuse: (use: KeyUse, reason: string, words: Partial<Extract<KeyNews, { kind: 'refused' }>> = {}) => {
      const refusal = new AuthenticationFailed(reason, 'mend it');
      report.hear({ kind: 'refused', use, refusal, call: 'fetchOrder', identifier: null, ...words });
    },
    accept: (use: KeyUse, later = 1_000) => {
      clock.now += later;
      report.hear({ kind: 'accepted', use });
    },
    rows: async () => {
      await report.close();
      return readKeyRefusals(db, account);
    },
    standing: async () => {
      await report.close();
      return (await readKeyRefusals(db, account)).map(
        ({ scope, reason, refusals }) => `${scope} ${reason} ${refusals}`,
      );
    },
  };
}

it('a refusal is written at once, with all that its mending needs', async () => {
  const { refuse, rows, account, said } = start();
  const before = Date.now();

  refuse('orders', 'no_authorization_ip', { call: 'createOrder', identifier: 'k3v9-KRW-BTC-1-entry' });

  const [row, ...others] = await rows();
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    ...{ account, scope: 'every call', reason: 'no_authorization_ip', meaning: 'mend it', refusals: 1 },
    ...{ call: 'createOrder', identifier: 'k3v9-KRW-BTC-1-entry' },
  });
  // Another clock than this process's, of the same machine.
  expect(row?.since.getTime()).toBeGreaterThan(before - 1_000);
  expect(row?.last_at).toEqual(row?.since);
  expect(said).toEqual([
    'ERROR the exchange refuses the key for every call (no_authorization_ip): mend it; until it is mended no order can be sent, looked up or cancelled',
  ]);
});

it.each([
  'expired_access_key',
  'invalid_access_key',
  'jwt_verification',
  'no_authorization_ip',
  'nonce_used',
  'no_key',
])('%s is over with any call that is accepted', async (reason) => {
  const { refuse, accept, standing, said } = start();
  for (const use of ['orders', 'balances'] as const) refuse(use, reason);
  accept('look-ups');
  expect(await standing()).toEqual([]);
  expect(said.slice(1)).toEqual([`the exchange accepts the key again for every call (${reason}, 2 in a row)`]);
});

it.each(['out_of_scope', 'invalid_query_payload', 'no_authorization_token', 'a_new_reason'])(
  '%s is over only with a call that needs the same permission',
  async (reason) => {
    const { refuse, accept, standing } = start();
    refuse('orders', reason);
    for (const use of ['balances', 'look-ups'] as const) accept(use);
    expect(await standing()).toEqual([`orders ${reason} 1`]);
    accept('orders');
    expect(await standing()).toEqual([]);
  },
);

it('a key that is refused on one of our lines and accepted on another is refused', async () => {
  const { refuse, accept, standing, said, clock } = start();
  for (let times = 0; times < 50; times += 1) {
    refuse('look-ups', 'no_authorization_ip');
    accept('look-ups', 50);
    clock.now += 50;
  }
  expect(said).toHaveLength(1);
  expect(await standing()).toHaveLength(1);
  accept('look-ups');
  expect(await standing()).toEqual([]);
  expect(said).toHaveLength(2);
});

it('a refusal of the whole key, once over, leaves what stood before it', async () => {
  const { refuse, accept, standing } = start();
  refuse('orders', 'out_of_scope');
  refuse('balances', 'nonce_used');
  expect(await standing()).toEqual(['every call nonce_used 1', 'orders out_of_scope 1']);
  accept('balances');
  expect(await standing()).toEqual(['orders out_of_scope 1']);
});

it('that it goes on is counted, and written every five seconds; another reason at once', async () => {
  const { refuse, standing, rows, clock, said } = start();
  const refuseAfter = (ms: number, reason = 'expired_access_key') => {
    clock.now += ms;
    refuse('balances', reason);
  };
  refuse('balances', 'expired_access_key');
  expect(await standing()).toEqual(['every call expired_access_key 1']);
  for (let times = 0; times < 4; times += 1) refuseAfter(1_000);
  expect(await standing()).toEqual(['every call expired_access_key 1']);
  refuseAfter(1_000);
  expect(await standing()).toEqual(['every call expired_access_key 6']);
  refuseAfter(1_000, 'invalid_access_key');
  expect(await standing()).toEqual(['every call invalid_access_key 7']);

  const [row] = await rows();
  expect((row?.last_at.getTime() ?? 0) - (row?.since.getTime() ?? 0)).toBeCloseTo(6_000, -2);
  expect(said).toHaveLength(2);
});

it('what an earlier worker left is over with the first call that is accepted', async () => {
  const { account, refuse, standing } = start();
  refuse('orders', 'out_of_scope');
  expect(await standing()).toHaveLength(1);

  const next = start(account);
  next.accept('balances');

  expect(await next.standing()).toEqual([]);
  expect(next.said).toEqual([]);
});

it('and is as old as it was where the key is still refused', async () => {
  const { account, refuse, rows } = start();
  refuse('orders', 'expired_access_key');
  await rows();
  await sql`UPDATE key_refusals SET since = since - interval '1 hour' WHERE account = ${account}`.execute(db);

  const next = start(account);
  next.refuse('balances', 'expired_access_key');

  const [row] = await next.rows();
  expect(row).toMatchObject({ refusals: 2, scope: 'every call' });
  expect((row?.last_at.getTime() ?? 0) - (row?.since.getTime() ?? 0)).toBeGreaterThan(3_590_000);
});

it('the refusals of another account are left alone', async () => {
  const one = start();
  one.refuse('orders', 'expired_access_key');
  await one.rows();
  const other = start();
  other.accept('orders');
  await other.rows();
  expect(await one.standing()).toHaveLength(1);
});

it('a database that does not take it is told of once, and is tried again with the next call', async () => {
  const { refuse, accept, standing, report, said } = start();
  await sql`ALTER TABLE key_refusals RENAME TO away`.execute(db);
  for (let times = 0; times < 3; times += 1) {
    refuse('orders', 'out_of_scope');
    await report.close();
  }
  await sql`ALTER TABLE away RENAME TO key_refusals`.execute(db);
  accept('balances');

  expect(await standing()).toEqual(['orders out_of_scope 3']);
  expect(said.slice(1)).toEqual([
    'durabit status is not told whether the exchange accepts the key: relation "key_refusals" does not exist',
  ]);
});

it('refusals while one is being written are written together, after it', async () => {
  const { refuse, accept, standing } = start();
  refuse('orders', 'out_of_scope');
  refuse('look-ups', 'out_of_scope');
  refuse('balances', 'out_of_scope');
  accept('look-ups');
  expect(await standing()).toEqual(['balances out_of_scope 1', 'orders out_of_scope 1']);
});

it('words that no table takes, or no end, do not keep it from being written', async () => {
  const { refuse, rows } = start();
  const refusal = new AuthenticationFailed('odd\u0000name', `\ud800 red\u001b[31m \u0000${'x'.repeat(10_000)}`);
  refuse('orders', 'odd', { refusal });
  const [row] = await rows();
  expect(row).toMatchObject({ reason: 'odd name', scope: 'orders' });
  expect(row?.meaning).toMatch(/^\ufffd red \[31m {2}x+$/);
  expect(row?.meaning.length).toBeLessThanOrEqual(600);
});
