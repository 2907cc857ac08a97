import { beforeEach, describe, expect, it, test } from 'vitest';
import { adopt } from '../../db/cash-flows.ts';
import { beginSending } from '../../db/order-sending.ts';
import { readOrder } from '../../db/orders.ts';
import { type FillReport, readTrades, recordFills } from '../../db/trades.ts';
import {
  aFill,
  anAccount,
  anOrder,
  BTC,
  ETH,
  figures,
  IN_TIME,
  intend,
  open,
  requireProven,
  useLedgerDatabase,
} from '../support/ledger.ts';

const { db } = await useLedgerDatabase();
let account: string;
beforeEach(async () => {
  account = await anAccount(db, '20000', [BTC, ETH]);
});

const sellTen = { side: 'ask' as const, leg: 'exit' as const };
const adoptTen = () => adopt(db, { account, market: BTC, quantity: '10', cost: '9000', note: 'test' });
const adjustments = () => db.selectFrom('ledger_adjustments').selectAll().where('account', '=', account).execute();

/** Three fills of a purchase of 10 at up to 1,000: 9,930 KRW, 4.965 KRW of fees. */
function threeFills(id: string) {
  return [aFill(`${id}-1`, '4', '990'), aFill(`${id}-2`, '3', '990'), aFill(`${id}-3`, '3', '1000')];
}
const whole = (id: string): FillReport => ({
  fills: threeFills(id),
  executedQuantity: '10',
  paidFee: '4.965',
  final: 'filled',
});

describe('fills of a purchase', () => {
  it('move cash, coins, cost and reservation, each at its own price, fee by fee', async () => {
    const id = await open(db, anOrder(account));

    const first = await recordFills(db, id, {
      fills: threeFills(id).slice(0, 1),
      executedQuantity: '4',
      paidFee: '1.98',
      final: null,
    });

    expect(first).toMatchObject({ booked: 1, complete: true, order: { status: 'open', executed_quantity: '4' } });
    expect(await figures(db, account)).toEqual({
      cash: '16038.02',
      quantity: '4',
      cost: '3961.98',
      realisedProfit: '0',
      reservedCash: '6043.02',
      reservedQuantity: '0',
    });
  });

  it('at the end give back what a better price saved', async () => {
    const id = await open(db, anOrder(account));
    expect(await recordFills(db, id, whole(id))).toMatchObject({ booked: 3, order: { status: 'filled' } });
    expect(await figures(db, account)).toMatchObject({ cash: '10065.035', cost: '9934.965', reservedCash: '0' });
    expect(await readOrder(db, id)).toMatchObject({ paid_fee: '4.965', reserved_cash: '0', executed_quantity: '10' });
    expect(await figures(db, account, ETH)).toMatchObject({ cash: '20000', reservedCash: '0', quantity: '0' });
  });

  it('of an order cancelled half way count, and the rest is free again', async () => {
    const id = await open(db, anOrder(account));
    const report = { fills: threeFills(id).slice(0, 1), executedQuantity: '4', paidFee: '1.98' };

    expect(await recordFills(db, id, { ...report, final: 'canceled' })).toMatchObject({
      order: { status: 'canceled' },
    });

    expect(await figures(db, account)).toMatchObject({ cash: '16038.02', quantity: '4', reservedCash: '0' });
  });

  it('are listed newest first with their order', async () => {
    const id = await open(db, anOrder(account));
    await recordFills(db, id, whole(id));
    const listed = await readTrades(db, { account, limit: 2 });
    expect(listed).toMatchObject([
      { exchange_trade_id: `${id}-3`, identifier: id, market: BTC, side: 'bid', fee: '1.5' },
      { exchange_trade_id: `${id}-2` },
    ]);
  });
});

describe('fills of a sale', () => {
  it('bring cash less the fee, and profit over the cost', async () => {
    await adoptTen();
    const id = await open(db, anOrder(account, sellTen));
    expect(await figures(db, account)).toMatchObject({ reservedQuantity: '10' });

    await recordFills(db, id, whole(id));

    expect(await figures(db, account)).toEqual({
      cash: '29925.035',
      quantity: '0',
      cost: '0',
      realisedProfit: '925.035',
      reservedCash: '0',
      reservedQuantity: '0',
    });
  });
});

describe('looks at an order, however they come', () => {
  const looks = (id: string): Record<string, FillReport> => ({
    nothing: { fills: [], executedQuantity: '0', paidFee: '0', final: null },
    first: { fills: threeFills(id).slice(0, 1), executedQuantity: '4', paidFee: '1.98', final: null },
    two: { fills: threeFills(id).slice(0, 2), executedQuantity: '7', paidFee: '3.465', final: null },
    lagging: { fills: threeFills(id).slice(1, 2), executedQuantity: '10', paidFee: '4.965', final: 'filled' },
    end: { ...whole(id), fills: [...threeFills(id).reverse(), ...threeFills(id)] },
  });

  test.each([
    ['once', ['end']],
    ['one after the other', ['nothing', 'first', 'two', 'end']],
    ['twice each', ['first', 'first', 'two', 'two', 'end', 'end']],
    ['backwards', ['end', 'two', 'first', 'nothing']],
    ['late ones between', ['two', 'first', 'end', 'nothing', 'two', 'end']],
    ['with fills missing at the end', ['lagging', 'first', 'end']],
  ])('%s: the same in the end', async (_, order) => {
    const id = await open(db, anOrder(account));

    for (const name of order) await recordFills(db, id, looks(id)[name] as FillReport);

    expect(await figures(db, account)).toMatchObject({ cash: '10065.035', quantity: '10', cost: '9934.965' });
    expect(await readOrder(db, id)).toMatchObject({ status: 'filled', executed_quantity: '10', paid_fee: '4.965' });
    expect(await readTrades(db, { account, limit: 9 })).toHaveLength(3);
    expect(await adjustments()).toEqual([]);
    await requireProven(db, account);
  });

  it('all at once: the same in the end', async () => {
    const id = await open(db, anOrder(account));
    const all = Object.values(looks(id));
    await Promise.all([...all, ...all].map((report) => recordFills(db, id, report)));
    expect(await figures(db, account)).toMatchObject({ cash: '10065.035', quantity: '10', reservedCash: '0' });
    expect(await readTrades(db, { account, limit: 9 })).toHaveLength(3);
  });

  it('that call it ended while fills are missing leave it open, and never go back', async () => {
    const id = await open(db, anOrder(account));
    const lagging = await recordFills(db, id, looks(id).lagging as FillReport);
    expect(lagging).toMatchObject({ booked: 1, complete: false, order: { status: 'open', executed_quantity: '10' } });
    await recordFills(db, id, looks(id).first as FillReport);
    expect(await readOrder(db, id)).toMatchObject({ executed_quantity: '10', paid_fee: '4.965' });
  });

  it('that find a fill after the end book it all the same', async () => {
    const id = await open(db, anOrder(account));
    const [first, second] = threeFills(id) as [ReturnType<typeof aFill>, ReturnType<typeof aFill>];
    const ended = { fills: [first], executedQuantity: '4', paidFee: '1.98', final: 'canceled' as const };
    const more = { fills: [first, second], executedQuantity: '7', paidFee: '3.465', final: 'canceled' as const };

    for (const report of [ended, more, ended, more]) await recordFills(db, id, report);

    expect(await figures(db, account)).toMatchObject({ quantity: '7', cash: '13066.535', reservedCash: '0' });
    expect(await readOrder(db, id)).toMatchObject({ status: 'canceled', executed_quantity: '7' });
    expect(await adjustments()).toEqual([]);
    await requireProven(db, account);
  });
});

describe('what cannot be true changes nothing', () => {
  test.each([
    [
      'a fill more than was ordered',
      (id: string) => ({ ...whole(id), fills: [...threeFills(id), aFill(`${id}-4`, '1', '1')] }),
    ],
    ['more executed than ordered', (id: string) => ({ ...whole(id), executedQuantity: '11' })],
    [
      'fills beyond what it ended with',
      (id: string) => ({ ...whole(id), executedQuantity: '7', final: 'canceled' as const }),
    ],
    ['filled with some left', () => ({ fills: [], executedQuantity: '0', paidFee: '0', final: 'filled' as const })],
  ])('%s', async (_, report) => {
    const id = await open(db, anOrder(account));
    const before = [await readOrder(db, id), await figures(db, account)];
    await expect(recordFills(db, id, report(id))).rejects.toMatchObject({ name: 'OrderContradiction' });
    expect([await readOrder(db, id), await figures(db, account)]).toEqual(before);
  });

  it('a fill of another order', async () => {
    const id = await open(db, anOrder(account));
    const other = await open(db, anOrder(account, { market: ETH }));
    await recordFills(db, other, whole('shared'));
    await expect(recordFills(db, id, whole('shared'))).rejects.toMatchObject({ name: 'OrderContradiction' });
  });

  it('fills of an order nobody has seen accepted', async () => {
    const order = anOrder(account);
    await intend(db, order);
    await beginSending(db, order.identifier, IN_TIME);
    await expect(recordFills(db, order.identifier, whole('early'))).rejects.toMatchObject({ name: 'IllegalOrderMove' });
  });
});

describe('a fee other than the fills add up to', () => {
  test.each([
    ['more for a purchase', {}, '5', { cash: '10065', cost: '9935', realisedProfit: '0' }],
    ['less for a purchase', {}, '4.9', { cash: '10065.1', cost: '9934.9', realisedProfit: '0' }],
    ['more for a sale', sellTen, '5', { cash: '29925', cost: '0', realisedProfit: '925' }],
    ['nothing for a sale', sellTen, '0', { cash: '29930', cost: '0', realisedProfit: '930' }],
  ])('%s is a recorded adjustment, once', async (_, changes, paidFee, expected) => {
    if ('side' in changes) await adoptTen();
    const id = await open(db, anOrder(account, changes));

    for (let look = 0; look < 3; look += 1) await recordFills(db, id, { ...whole(id), paidFee });

    expect(await figures(db, account)).toMatchObject({ ...expected, reservedCash: '0' });
    expect(await adjustments()).toMatchObject([{ kind: 'fee-difference', order_id: expect.any(String) }]);
    await requireProven(db, account);
  });

  it('is what the exchange says at the end, not what it said before, nor in a late look', async () => {
    const id = await open(db, anOrder(account));
    const looks = [
      { ...whole(id), final: null },
      { ...whole(id), paidFee: '4.9' },
      { ...whole(id), final: null },
      { ...whole(id), paidFee: '4.9' },
    ];
    for (const look of looks) await recordFills(db, id, look);
    expect(await figures(db, account)).toMatchObject({ cash: '10065.1', cost: '9934.9' });
    expect(await readOrder(db, id)).toMatchObject({ paid_fee: '4.9' });
    expect(await adjustments()).toHaveLength(1);
  });

  it('the market can no longer pay is covered', async () => {
    const poor = await anAccount(db, '10005');
    const id = await open(db, anOrder(poor));
    await recordFills(db, id, {
      fills: [aFill(`${id}-all`, '10', '1000')],
      executedQuantity: '10',
      paidFee: '7',
      final: 'filled',
    });
    expect(await figures(db, poor)).toMatchObject({ cash: '0', cost: '10007' });
    const kinds = await db.selectFrom('ledger_adjustments').select('kind').where('account', '=', poor).execute();
    expect(kinds.map((row) => row.kind).sort()).toEqual(['cover', 'fee-difference']);
    await requireProven(db, poor);
  });
});
