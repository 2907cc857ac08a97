import { expect, test } from 'vitest';
import { insertDecision } from '../../db/decisions.ts';
import { recordNotSent } from '../../db/order-outcomes.ts';
import { beginSending } from '../../db/order-sending.ts';
import { haltTrading, resumeTrading } from '../../db/trading-state.ts';
import { minute } from '../support/candles.ts';
import { anAccount, anOrder, BTC, ETH, IN_TIME, intend, useLedgerDatabase } from '../support/ledger.ts';
import { heldBack, undecided } from './finish.ts';
import { openLedgerReader } from './ledger-record.ts';

const { db, url } = await useLedgerDatabase();
const reader = await openLedgerReader(url);

test('a market that is blocked goes on only where an order that is not found is all it waits for', async () => {
  const account = await anAccount(db, '0', [BTC, ETH]);
  const decide = (candle: number, market: typeof BTC, reason: string) =>
    insertDecision(db, {
      ...{ account, market, timeframe: '1m', candle: minute(candle), trigger: 'candle' },
      ...{ action: 'blocked', reason, vote: null },
    });
  const lookWhileDeciding = async (candle: number, evenWaiting: boolean) => {
    const looking = undecided([BTC, ETH], reader, { withinMs: 300, evenWaiting });
    await decide(candle, BTC, 'score 1; order a-1 is still unknown');
    await decide(candle, ETH, 'score 1; trading is halted: a person said so');
    return looking;
  };

  const left = await lookWhileDeciding(2, true);
  const { decisions } = await reader.read();

  expect(left).toEqual([`${ETH}: no decision within 0.3 s after everything was put right`]);
  expect(await lookWhileDeciding(3, false)).toHaveLength(2);
  expect(decisions.map(({ market, waitsFor }) => [market, waitsFor]).sort()).toEqual([
    [BTC, 'a-1'],
    [ETH, null],
  ]);
});

test('a bot that a halt was not lifted for has not gone on', async () => {
  const account = await anAccount(db, '0');
  await haltTrading(db, account, 'a test');
  expect(await heldBack(reader)).toEqual([`${account}: trading is still halted`]);

  await resumeTrading(db, account, 'a test');
  expect(await heldBack(reader)).toEqual([]);
});

test('the steps of an order tell of its return from sending', async () => {
  const order = anOrder(await anAccount(db, '1000000'));
  await intend(db, order);
  const begun = await beginSending(db, order.identifier, IN_TIME);
  const sentAt = begun.kind === 'send' ? begun.order.sending_at : null;
  await recordNotSent(db, { identifier: order.identifier, repeated: false, sentAt });

  const { steps } = await reader.read();

  const of = steps.filter(({ identifier }) => identifier === order.identifier);
  expect(of.map(({ status }) => status)).toEqual(['intended', 'sending', 'intended']);
});
