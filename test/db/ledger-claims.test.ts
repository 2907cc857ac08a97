import { describe, expect, it } from 'vitest';
import { adopt, allocate } from '../../db/cash-flows.ts';
import { type LedgerClaims, readLedgerClaims, whileUnchanged } from '../../db/ledger-claims.ts';
import { markExpired } from '../../db/order-outcomes.ts';
import { beginSending } from '../../db/order-sending.ts';
import type { Order } from '../../db/orders.ts';
import { recordFills } from '../../db/trades.ts';
import {
  aFill,
  anAccount,
  anOrder,
  BTC,
  DEADLINE,
  ETH,
  figures,
  IN_TIME,
  intend,
  open,
  useLedgerDatabase,
} from '../support/ledger.ts';
import { markUnknown } from '../support/order-outcomes.ts';

const { db } = await useLedgerDatabase();

const expire = ({ identifier }: Order) => markExpired(db, identifier, 'test');
const give = (account: string, seen: LedgerClaims) =>
  whileUnchanged(db, account, seen, (trx) => allocate(trx, { account, market: BTC, cash: '1', note: 'test' }));

describe('what the ledger claims', () => {
  it('are its sub-accounts and the orders that may have executed more than is booked', async () => {
    const account = await anAccount(db, '30000', [BTC, ETH]);
    const buy = await open(db, anOrder(account));
    const fills = [aFill(`${buy}-1`, '4', '1000')];
    await recordFills(db, buy, { fills, executedQuantity: '4', paidFee: '2', final: null });
    const intended = await intend(db, anOrder(account, { market: ETH }));

    const { marketAccounts, unsettled } = await readLedgerClaims(db, account);

    expect(marketAccounts.map(({ market, free }) => [market, free.cash])).toEqual([
      [BTC, '19995'],
      [ETH, '19995'],
    ]);
    expect(
      unsettled.map((one) => [one.identifier, one.status, Number(one.booked_krw), Number(one.booked_quantity)]),
    ).toEqual([
      [buy, 'open', 4002, 4],
      [intended.identifier, 'intended', 0, 0],
    ]);
  });

  it('include an order given up only if it may have been sent', async () => {
    const account = await anAccount(db, '30000', [BTC, ETH]);
    const never = await intend(db, anOrder(account));
    await markExpired(db, never.identifier, 'test');
    const perhaps = await intend(db, anOrder(account, { market: ETH }));
    await beginSending(db, perhaps.identifier, IN_TIME);
    await markUnknown(db, perhaps.identifier);
    await markExpired(db, perhaps.identifier, 'test');

    const { unsettled } = await readLedgerClaims(db, account);
    expect(unsettled.map(({ identifier, status }) => [identifier, status])).toEqual([[perhaps.identifier, 'expired']]);
  });

  it('leave out one given up so long ago that nobody looks for it any more', async () => {
    const account = await anAccount(db, '30000');
    const perhaps = await intend(db, anOrder(account));
    await beginSending(db, perhaps.identifier, IN_TIME);
    await markUnknown(db, perhaps.identifier);
    await markExpired(db, perhaps.identifier, 'test');
    const names = async () => (await readLedgerClaims(db, account)).unsettled.map(({ identifier }) => identifier);
    const week = 7 * 86_400_000;

    await intend(db, anOrder(account, { deadline: DEADLINE + week - 1 })).then(expire);
    expect(await names()).toEqual([perhaps.identifier]);
    await intend(db, anOrder(account, { deadline: DEADLINE + week })).then(expire);
    expect(await names()).toEqual([]);
  });
});

describe('writing while nothing has moved', () => {
  it('writes when nothing has', async () => {
    const account = await anAccount(db, '30000', [BTC, ETH]);
    expect(await give(account, await readLedgerClaims(db, account))).toMatchObject({ recorded: true });
  });

  it.each<[string, (account: string, order: string) => Promise<unknown>]>([
    ['money was given to another market', (account) => allocate(db, { account, market: ETH, cash: '1', note: 'test' })],
    ['coins were adopted', (account) => adopt(db, { account, market: BTC, quantity: '1', cost: '1', note: 'test' })],
    ['an order was decided', (account) => intend(db, anOrder(account, { market: ETH }))],
    ['an order is being sent', (_, order) => beginSending(db, order, IN_TIME)],
  ])('writes nothing when %s meanwhile', async (_, happen) => {
    const account = await anAccount(db, '30000', [BTC, ETH]);
    const { identifier } = await intend(db, anOrder(account));
    const seen = await readLedgerClaims(db, account);
    await happen(account, identifier);
    const before = await figures(db, account);

    expect(await give(account, seen)).toBeUndefined();
    expect(await figures(db, account)).toEqual(before);
  });

  it('lets one of several who saw the same write', async () => {
    const account = await anAccount(db, '0', [BTC, ETH]);
    const seen = await readLedgerClaims(db, account);
    const results = await Promise.all([give(account, seen), give(account, seen), give(account, seen)]);
    expect(results.filter((one) => one !== undefined)).toHaveLength(1);
    expect((await figures(db, account)).cash).toBe('1');
  });

  it('keeps orders from taking a step until it is done', async () => {
    const account = await anAccount(db, '30000', [BTC, ETH]);
    const { identifier } = await intend(db, anOrder(account));
    const order: string[] = [];
    let sending: Promise<unknown> | undefined;
    await whileUnchanged(db, account, await readLedgerClaims(db, account), async (trx) => {
      sending = beginSending(db, identifier, IN_TIME).then(() => order.push('sent'));
      await allocate(trx, { account, market: ETH, cash: '1', note: 'test' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      order.push('written');
    });
    await sending;
    expect(order).toEqual(['written', 'sent']);
  });
});
