import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { processOutput } from '../../../cli/output.ts';
import { readStored } from '../../../cli/status/read-stored.ts';
import { readSettings } from '../../../config/settings.ts';
import { recordForeignOrder } from '../../../db/foreign-orders.ts';
import { writeKeyRefusals } from '../../../db/key-refusals.ts';
import { reportStreamStanding } from '../../../db/stream-reports.ts';
import { anAccount, anOrder, BTC, createLedgerDatabase, intend } from '../../support/ledger.ts';

async function read(url: string) {
  const settings = readSettings({ DATABASE_URL: url });
  const context = { env: {}, settings, dataDir: 'nowhere', output: processOutput };
  const { facts, faults } = await readStored(context, null, { clock: null, pausedSince: new Map() });
  expect(faults).toEqual([]);
  return facts;
}

/** What `status` reads of an account with one order that was recorded beside the ledger, before it had it or since. */
async function recorded(when: 'before' | 'since' | 'never', note: string | null) {
  const { db, url, close } = await createLedgerDatabase();
  const account = await anAccount(db, '20000');
  const order = anOrder(account);
  const seen = { account, exchangeOrderId: 'there', identifier: order.identifier, market: BTC, side: 'bid' } as const;
  const figures = { state: 'done', executedQuantity: '1', executedFunds: '1000', paidFee: '0.5' } as const;
  const record = () => recordForeignOrder(db, { ...seen, ...figures, ...(note === null ? {} : { note }) });
  if (when === 'before') await record();
  await intend(db, order);
  if (when === 'since') await record();
  const facts = await read(url);
  await close();
  expect(facts.open_orders).toHaveLength(1);
  return facts.open_orders[0];
}

it.each([
  ['never', null, { refused: null, seen_before: false }],
  ['before', 'the ledger has no such order', { refused: null, seen_before: true }],
  ['since', 'the ledger refuses it: too much', { refused: 'the ledger refuses it: too much', seen_before: false }],
  ['since', null, { refused: 'the ledger refuses it', seen_before: false }],
] as const)(
  'an order recorded beside the ledger %s it had it, noted %s, reads as what it is',
  async (when, note, read) => {
    expect(await recorded(when, note)).toMatchObject({ status: 'intended', ...read });
  },
);

it.each(['that trades', 'that only collects'])('how the streams stand is read of a bot %s', async (what) => {
  const { db, url, close } = await createLedgerDatabase();
  if (what === 'that trades') await anAccount(db, '20000');
  const standing = { state: 'connected', forMs: 9, reason: null, lastNewsMs: null, gapsHealed: 0 } as const;
  for (const stream of ['prices', 'orders'] as const) await reportStreamStanding(db, stream, standing);
  await sql`UPDATE stream_reports SET reported_at = reported_at - interval '21 s' WHERE stream = 'orders'`.execute(db);

  const { streams } = await read(url);
  await close();

  expect(streams).toMatchObject([
    { stream: 'prices', state: 'connected', stale: false },
    { stream: 'orders', state: 'connected', stale: true },
  ]);
});

it('a refused key is read of the account that it belongs to', async () => {
  const { db, url, close } = await createLedgerDatabase();
  const account = await anAccount(db, '20000');
  const refusal = { reason: 'out_of_scope', meaning: 'mend it', call: 'createOrder', identifier: null } as const;
  for (const [of, scope] of [
    [account, 'orders'],
    ['paper-other', 'balances'],
  ] as const) {
    await writeKeyRefusals(db, of, [{ ...refusal, scope, forMs: 9, lastMs: 0, more: 1 }]);
  }

  const facts = await read(url);
  await close();

  expect(facts.key_refusals).toMatchObject([{ account, scope: 'orders', reason: 'out_of_scope', refusals: 1 }]);
});
