import { expect, it } from 'vitest';
import { upsertCandles } from '../../db/candles.ts';
import { adopt, allocate } from '../../db/cash-flows.ts';
import { readPositions } from '../../db/positions.ts';
import { recordFills } from '../../db/trades.ts';
import { candleAt, minute } from '../support/candles.ts';
import { aFill, anAccount, anOrder, BTC, ETH, intend, open, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

const price = (close: string) =>
  upsertCandles(db, BTC, '1m', {
    candles: [{ ...candleAt(1), open: close, high: close, low: close, close }],
    settled: [{ from: minute(1), until: minute(2) }],
  });

it('of a market that has bought: free and reserved, what the coins cost and are worth, what was put in', async () => {
  const account = await anAccount(db, '20010');
  const bought = await open(db, anOrder(account));
  const fills = [aFill('p-1', '10', '1000')];
  await recordFills(db, bought, { fills, executedQuantity: '10', paidFee: '5', final: 'filled' });
  await intend(db, anOrder(account, { quantity: '5', request: { volume: '5' } }));
  await price('1100');

  expect(await readPositions(db, account)).toEqual([
    {
      ...{ market: BTC, cash: '10005', reserved_cash: '5002.5', free_cash: '5002.5' },
      ...{ quantity: '10', reserved_quantity: '0', free_quantity: '10', average_cost: '1000.5' },
      ...{ price: '1100', value: '11000', equity: '21005', unrealised_profit: '995', realised_profit: '0' },
      put_in: '20010',
    },
  ]);
});

it('what was put in is what came and went otherwise than by trading: a sale with a loss changes nothing of it', async () => {
  const account = await anAccount(db, '1000');
  await adopt(db, { account, market: BTC, quantity: '10', cost: '9000', note: 'test' });
  const sold = await open(db, anOrder(account, { side: 'ask', leg: 'exit', price: '800', quantity: '4' }));
  const fills = [aFill('q-1', '4', '800')];
  await recordFills(db, sold, { fills, executedQuantity: '4', paidFee: '1.6', final: 'filled' });
  await allocate(db, { account, market: BTC, cash: '-100', note: 'test' });

  const [row] = await readPositions(db, account);

  expect(row).toMatchObject({ put_in: '9900', realised_profit: '-401.6', cash: '4098.4', quantity: '6' });
});

it('without coins a market is worth its cash, also before the first candle', async () => {
  const account = await anAccount(db, '700', [ETH]);

  expect(await readPositions(db, account)).toMatchObject([
    { market: ETH, average_cost: null, price: null, value: '0', equity: '700', unrealised_profit: '0', put_in: '700' },
  ]);
});

it('coins without a price have no worth that could be told', async () => {
  const account = await anAccount(db, '700', [ETH]);
  await adopt(db, { account, market: ETH, quantity: '2', cost: '50', note: 'test' });

  expect(await readPositions(db, account)).toMatchObject([
    { value: null, equity: null, unrealised_profit: null, average_cost: '25', put_in: '750' },
  ]);
});
