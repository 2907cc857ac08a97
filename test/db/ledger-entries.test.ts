import { expect, it } from 'vitest';
import { adopt } from '../../db/cash-flows.ts';
import { readLedgerEntries } from '../../db/ledger-entries.ts';
import { recordFills } from '../../db/trades.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { aFill, anAccount, anOrder, BTC, ETH, figures, open, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

it('every entry is listed, newest first, and their sums are what the market owns', async () => {
  const account = await anAccount(db, '50000', [BTC, ETH]);
  await adopt(db, { account, market: BTC, quantity: '0.7', cost: '100', note: 'mine', reference: 'wallet' });
  const buy = await open(db, anOrder(account));
  const bought = [aFill(`${buy}-1`, '10', '999')];
  // A won more than the rate says.
  await recordFills(db, buy, { fills: bought, executedQuantity: '10', paidFee: '5.995', final: 'filled' });
  const sell = await open(db, anOrder(account, { side: 'ask', leg: 'exit' }));
  const sold = [aFill(`${sell}-1`, '4', '1000')];
  await recordFills(db, sell, { fills: sold, executedQuantity: '4', paidFee: '2', final: 'canceled' });

  const entries = await readLedgerEntries(db, { account, market: BTC, limit: 20 });

  expect(entries.map(({ kind, cash, quantity, cost, note }) => [kind, cash, quantity, cost, note])).toEqual([
    ['sell', '3998', '-4', null, sell],
    ['fee-difference', '-1', '0', '1', expect.stringContaining(buy)],
    ['buy', '-9994.995', '10', null, buy],
    ['adopt', '0', '0.7', '100', 'mine'],
    ['allocate', '50000', '0', '0', 'test'],
  ]);
  const sum = (name: 'cash' | 'quantity') =>
    entries.reduce((all, entry) => all.plus(entry[name]), new Exact(0)).toFixed();
  expect({ cash: sum('cash'), quantity: sum('quantity') }).toEqual({
    cash: (await figures(db, account)).cash,
    quantity: '6.7',
  });
  expect(await readLedgerEntries(db, { account, market: undefined, limit: 2 })).toEqual(entries.slice(0, 2));
  expect(
    (await readLedgerEntries(db, { account, market: undefined, limit: 20 })).map(({ market }) => market),
  ).toContain(ETH);
});
