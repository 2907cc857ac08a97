import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { adopt } from '../../db/cash-flows.ts';
import type { Db } from '../../db/connect.ts';
import { rebuildLedger } from '../../db/ledger-rebuild.ts';
import { recordFills } from '../../db/trades.ts';
import { aFill, anAccount, anOrder, BTC, createLedgerDatabase, ETH, open } from '../support/ledger.ts';

let db: Db;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await createLedgerDatabase());
});
afterAll(() => close());

/** Adopted, bought, sold in thirds, and an order still open: cost with a rounded share in it. */
async function tradedAccount(): Promise<string> {
  const account = await anAccount(db, '50000', [BTC, ETH]);
  await adopt(db, { account, market: BTC, quantity: '0.7', cost: '123.45678901', note: 'test' });
  const buy = await open(db, anOrder(account));
  const bought = [aFill(`${buy}-1`, '3.33333333', '999.5'), aFill(`${buy}-2`, '6.66666667', '1000')];
  await recordFills(db, buy, { fills: bought, executedQuantity: '10', paidFee: '5', final: 'filled' });
  const sell = await open(db, anOrder(account, { side: 'ask', leg: 'exit' }));
  const sold = [aFill(`${sell}-1`, '3.3', '1001'), aFill(`${sell}-2`, '1.1', '1003.7')];
  await recordFills(db, sell, { fills: sold, executedQuantity: '4.4', paidFee: '2.2', final: null });
  return account;
}

describe('rebuilding the ledger', () => {
  it('arrives at the very same figures', async () => {
    expect(await rebuildLedger(db, await tradedAccount())).toEqual([]);
  });

  test.each([
    ['cash', 'cash = cash + 0.00000001', 'cash'],
    ['quantity', 'quantity = quantity + 1', 'quantity'],
    ['cost', 'cost = cost - 0.00000001', 'cost'],
    ['realised_profit', 'realised_profit = 0', 'realisedProfit'],
    ['reserved_cash', 'reserved_cash = 1', 'reservedCash'],
    ['reserved_quantity', 'reserved_quantity = 5.5', 'reservedQuantity'],
  ])('finds a changed %s, to the last digit', async (_, change, figure) => {
    const account = await tradedAccount();
    await sql
      .raw(`UPDATE market_accounts SET ${change} WHERE account = '${account}' AND market = 'KRW-BTC'`)
      .execute(db);
    expect(await rebuildLedger(db, account)).toMatchObject([{ market: BTC, figure }]);
  });

  it('finds an order whose reservation was forgotten', async () => {
    const account = await tradedAccount();
    await sql`UPDATE orders SET reserved_quantity = 0 WHERE account = ${account}`.execute(db);
    expect(await rebuildLedger(db, account)).toEqual([
      { market: BTC, figure: 'reservedQuantity', recorded: '5.6', rebuilt: '0' },
    ]);
  });
});
