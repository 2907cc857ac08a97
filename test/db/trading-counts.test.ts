import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Db } from '../../db/connect.ts';
import { insertDecision } from '../../db/decisions.ts';
import { beginSending } from '../../db/order-sending.ts';
import { recordFills } from '../../db/trades.ts';
import { countTrading } from '../../db/trading-counts.ts';
import { minute } from '../support/candles.ts';
import {
  aFill,
  anAccount,
  anOrder,
  BTC,
  createLedgerDatabase,
  DEADLINE,
  IN_TIME,
  intend,
  open,
} from '../support/ledger.ts';
import { recordRejected } from '../support/order-outcomes.ts';

let db: Db;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await createLedgerDatabase());
});
afterAll(() => close());

const NONE = { sent: 0, filled: 0, canceled: 0, rejected: 0, open: 0, unresolved: 0 };

it('an order counts with the candle it was decided on, at the candle’s close', async () => {
  const account = await anAccount(db, '20010');
  const key = { account, market: BTC, timeframe: '1m', candle: minute(4), trigger: 'candle' } as const;
  const { decision } = await insertDecision(db, { ...key, action: 'stale', reason: 'test', vote: null });
  const filled = await open(db, anOrder(account, { decision: decision.id }));
  const fills = [aFill('c-1', '4', '1000'), aFill('c-2', '6', '1000')];
  await recordFills(db, filled, { fills, executedQuantity: '10', paidFee: '5', final: 'filled' });
  const count = (from: number, until: number) =>
    countTrading(db, account, { from: minute(from), until: minute(until) });

  expect(await count(4, 5)).toEqual({
    ...{ decisions: { live: 0, stale: 1 }, orders: { ...NONE, sent: 1, filled: 1 }, trades: 2 },
  });
  expect(await count(5, 9)).toEqual({ decisions: { live: 0, stale: 0 }, orders: NONE, trades: 0 });
  expect(await count(1, 4)).toEqual({ decisions: { live: 0, stale: 0 }, orders: NONE, trades: 0 });
});

it('an order that no candle called for counts by its deadline', async () => {
  const account = await anAccount(db, '50000');
  const rejected = anOrder(account, { leg: 'manual' });
  await intend(db, rejected);
  await beginSending(db, rejected.identifier, IN_TIME);
  await recordRejected(db, rejected.identifier, 'insufficient_funds_bid');
  await intend(db, anOrder(account, { leg: 'manual' }));

  const orders = { ...NONE, sent: 1, rejected: 1, unresolved: 1 };
  expect(await countTrading(db, account, { from: DEADLINE - 1, until: DEADLINE })).toMatchObject({ orders });
  expect(await countTrading(db, account, { from: DEADLINE, until: DEADLINE + 1 })).toMatchObject({ orders: NONE });
});
