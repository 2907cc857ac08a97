import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { recordFills } from '../../db/trades.ts';
import { aFill, anAccount, anOrder, BTC, createLedgerDatabase, ETH, open } from '../support/ledger.ts';
import { findOverspending } from './market-money.ts';

it('finds nothing where each market lives on its own, and names the market that spent what is not its own', async () => {
  const { db, close } = await createLedgerDatabase();
  onTestFinished(close);
  const account = await anAccount(db, '20000', [BTC, ETH]);
  for (const market of [BTC, ETH]) {
    const identifier = await open(db, anOrder(account, { market }));
    const fills = [aFill(`fill-${market}`, '10', '1000')];
    await recordFills(db, identifier, { fills, executedQuantity: '10', paidFee: '5', final: 'filled' });
  }
  expect(await findOverspending(db)).toEqual([]);

  // As if a fill had been booked that only the other market could have paid: past the guards, which refuse it.
  await db.connection().execute(async (connection) => {
    await sql`SET session_replication_role = replica`.execute(connection);
    await sql`UPDATE trades SET funds = funds + 15000 WHERE exchange_trade_id = 'fill-KRW-ETH'`.execute(connection);
    await sql`SET session_replication_role = origin`.execute(connection);
  });

  expect(await findOverspending(db)).toEqual([
    expect.stringMatching(/^KRW-ETH has -5005 KRW after fill of testbot1-KRW-ETH-/),
    expect.stringMatching(/^KRW-ETH owns 9995 KRW and 10 coins; what moved adds up to -5005 and 10$/),
  ]);
});
