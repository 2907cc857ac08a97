import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it, test } from 'vitest';
import { adjust, adopt, allocate, transferCash } from '../../db/cash-flows.ts';
import { proveLedger, rebuildLedger } from '../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../db/market-accounts.ts';
import { recordFills } from '../../db/trades.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { aFill, anAccount, anOrder, BTC, ETH, open, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

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

  it('shows every figure beside the one it was rebuilt to', async () => {
    const account = await tradedAccount();
    const [btc, eth] = await proveLedger(db, account);

    expect(btc).toMatchObject({ market: BTC, differences: [] });
    expect(btc?.rebuilt).toEqual(btc?.recorded);
    // Adopted 0.7, bought 10, sold 4.4; 5.6 more wait in an open sale.
    expect(btc?.recorded).toMatchObject({ quantity: '6.3', reservedQuantity: '5.6', reservedCash: '0' });
    expect(eth).toMatchObject({ market: ETH, rebuilt: { cash: '50000', quantity: '0', realisedProfit: '0' } });
  });

  it('tells an entry that was taken out below the guards from one that was never there', async () => {
    const account = await tradedAccount();
    await db.connection().execute(async (connection) => {
      await sql`SET session_replication_role = replica`.execute(connection);
      await sql`UPDATE cash_flows SET cash = cash - 1 WHERE account = ${account} AND market = ${ETH}`.execute(
        connection,
      );
      await sql`SET session_replication_role = origin`.execute(connection);
    });
    expect(await rebuildLedger(db, account)).toEqual([
      { market: ETH, figure: 'cash', recorded: '50000', rebuilt: '49999' },
    ]);
  });
});

/** One thing an owner or the bot does; what cannot be done is refused and changes nothing. */
interface Step {
  readonly what: 'give' | 'take' | 'move' | 'adopt' | 'adjust' | 'buy' | 'sell';
  readonly market: number;
  /** 0 to 1,000. */
  readonly n: number;
}

const REFUSALS = ['InsufficientFree'];

async function act(account: string, { what, market: index, n }: Step): Promise<void> {
  const [market, other] = index === 0 ? [BTC, ETH] : [ETH, BTC];
  const basis = { account, market, note: 'test' };
  const krw = `${n * 50 + 1}.${n % 100}`;
  const coins = `${n % 7}.${n + 1}`;
  switch (what) {
    case 'give':
      await allocate(db, { ...basis, cash: krw });
      return;
    case 'take':
      await allocate(db, { ...basis, cash: `-${krw}` });
      return;
    case 'move':
      await transferCash(db, { account, from: market, to: other, cash: `${n * 50}.5`, note: 'test' });
      return;
    case 'adopt':
      await adopt(db, { ...basis, quantity: coins, cost: krw });
      return;
    case 'adjust':
      await adjust(db, { ...basis, quantity: `-0.0${n + 1}`, ...(n % 2 === 0 && { cash: '-0.00000001' }) });
      return;
    case 'buy':
    case 'sell': {
      const side = what === 'buy' ? 'bid' : 'ask';
      const leg = what === 'buy' ? 'entry' : 'exit';
      const quantity = what === 'buy' ? '3' : '0.5';
      const order = await open(db, anOrder(account, { market, side, leg, quantity }));
      const fills = n % 4 === 0 ? [] : [aFill(`${order}-1`, '0.3333', `${900 + (n % 100)}`)];
      const executedQuantity = fills[0]?.quantity ?? '0';
      const paidFee = fills[0] === undefined ? '0' : `0.${n}`;
      await recordFills(db, order, { fills, executedQuantity, paidFee, final: 'canceled' });
    }
  }
}

it('after any mix of flows, transfers and trades the ledger is proven, and only the owner moved its money', {
  timeout: 120_000,
}, async () => {
  const step = fc.record({
    what: fc.constantFrom<Step['what']>('give', 'take', 'move', 'adopt', 'adjust', 'buy', 'sell'),
    market: fc.nat({ max: 1 }),
    n: fc.nat({ max: 1_000 }),
  });
  const done = new Map<string, number>();
  const history = fc.array(step, { minLength: 10, maxLength: 30, size: 'max' });
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const account = await anAccount(db, '20000', [BTC, ETH]);
      for (const one of steps) {
        const refused = await act(account, one).then(
          () => undefined,
          (error: Error) => error,
        );
        if (refused !== undefined && !REFUSALS.includes(refused.name)) throw refused;
        const key = `${one.what} ${refused === undefined ? 'done' : 'refused'}`;
        done.set(key, (done.get(key) ?? 0) + 1);
      }
      expect(await rebuildLedger(db, account)).toEqual([]);
      expect(await unexplained(account)).toBe('0');
    }),
    { numRuns: 25, interruptAfterTimeLimit: 15_000 },
  );
  const met = ['give', 'take', 'move', 'adopt', 'adjust', 'buy', 'sell'].map((what) => `${what} done`);
  expect([...done.keys()]).toEqual(expect.arrayContaining([...met, 'take refused', 'move refused', 'sell refused']));
});

/** Cash + cost − profit of all markets less what flows and adjustments brought: trades alone must not move it. */
async function unexplained(account: string): Promise<string> {
  const accounts = await readMarketAccounts(db, account);
  const held = accounts.map(({ holdings: { cash, cost, realisedProfit } }) =>
    new Exact(cash).plus(cost).minus(realisedProfit),
  );
  const flows = await db.selectFrom('cash_flows').select(['cash', 'cost']).where('account', '=', account).execute();
  const adjusted = await db.selectFrom('ledger_adjustments').selectAll().where('account', '=', account).execute();
  const brought = [
    ...flows.map(({ cash, cost }) => new Exact(cash).plus(cost)),
    ...adjusted.map((one) => new Exact(one.cash).plus(one.cost).minus(one.realised_profit)),
  ];
  const sum = (amounts: readonly Exact[]) => amounts.reduce((all, amount) => all.plus(amount), new Exact(0));
  return sum(held).minus(sum(brought)).toFixed();
}
