import { expect, it } from 'vitest';
import { insertEquityPoint, readEquityCurve } from '../../db/equity-curve.ts';
import { minute } from '../support/candles.ts';
import { BTC, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

it('a point is cash and coins at their price, exact, and the first one recorded stays', async () => {
  const point = {
    account: 'paper',
    market: BTC,
    at: minute(1),
    cash: '0.1',
    quantity: '0.00000003',
    price: '150803000',
  };
  await insertEquityPoint(db, point);
  await insertEquityPoint(db, { ...point, cash: '9' });
  await insertEquityPoint(db, { ...point, at: minute(2), quantity: '0' });

  const curve = await readEquityCurve(db, { account: 'paper', market: BTC, limit: 9 });
  expect(curve.map((row) => row.equity)).toEqual(['0.1', '4.62409']);
});
