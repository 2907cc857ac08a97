import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { resolveOrder } from '../../../activities/trading/resolve-order.ts';
import { recordRefusal } from '../../../db/order-outcomes.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import type { TradingExchange } from '../../../exchange/port.ts';
import { anAccount, anOrder, DEADLINE, IN_TIME, intend, useLedgerDatabase } from '../../support/ledger.ts';

const { db } = await useLedgerDatabase();

it('a look-up that was asked too early gives nothing up, however late its answer comes', async () => {
  const { identifier } = await intend(db, anOrder(await anAccount(db, '20000')));
  await beginSending(db, identifier, IN_TIME);
  await recordRefusal(db, { identifier, reason: 'insufficient_funds_bid', repeated: true, sentAt: null });
  const answersAfter = (ms: number) =>
    ({ fetchOrder: () => pause(ms).then(() => undefined) }) as unknown as TradingExchange;
  const clock = { now: () => DEADLINE, ask: () => () => undefined, isDoubtful: () => false };
  const resolve = async (ms: number) =>
    resolveOrder({ db, clock, exchange: answersAfter(ms) }, await requireOrder(db, identifier));

  expect(await resolve(5_500)).toMatchObject({ status: 'sending' });
  expect(await resolve(0)).toMatchObject({ status: 'rejected' });
});
