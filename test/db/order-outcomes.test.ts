import { beforeEach, describe, expect, it, test } from 'vitest';
import { markExpired, recordAccepted, recordNotSent } from '../../db/order-outcomes.ts';
import { beginSending, renewSending } from '../../db/order-sending.ts';
import { findUnfinishedOrder, findUnfinishedOrders, type Order, readOrder } from '../../db/orders.ts';
import { recordFills } from '../../db/trades.ts';
import type { OrderStatus } from '../../strategy/order-states.ts';
import {
  aFill,
  anAccount,
  anOrder,
  DEADLINE,
  figures,
  IN_TIME,
  intend,
  open,
  requireProven,
  useLedgerDatabase,
} from '../support/ledger.ts';
import { markUnknown, recordRejected } from '../support/order-outcomes.ts';

const { db } = await useLedgerDatabase();
let account: string;
beforeEach(async () => {
  account = await anAccount(db, '20000');
});

const begin = (id: string, now = IN_TIME) => beginSending(db, id, now);
const accept = (id: string) => recordAccepted(db, id, `exchange-${id}`);
const fills = (id: string, final: 'filled' | 'canceled') =>
  recordFills(db, id, {
    fills: final === 'filled' ? [aFill(`all of ${id}`, '10', '1000')] : [],
    executedQuantity: final === 'filled' ? '10' : '0',
    paidFee: final === 'filled' ? '5' : '0',
    final,
  });

/** How an order gets into each state by the functions the product uses. */
const WAYS: Record<OrderStatus, (id: string) => Promise<unknown>> = {
  intended: async () => {},
  sending: begin,
  open: async (id) => [await begin(id), await accept(id)],
  filled: async (id) => [await begin(id), await accept(id), await fills(id, 'filled')],
  canceled: async (id) => [await begin(id), await accept(id), await fills(id, 'canceled')],
  rejected: async (id) => [await begin(id), await recordRejected(db, id, 'insufficient_funds_bid')],
  unknown: async (id) => [await begin(id), await markUnknown(db, id)],
  expired: (id) => begin(id, DEADLINE),
};

async function orderIn(status: OrderStatus): Promise<string> {
  const { identifier } = await intend(db, anOrder(account));
  await WAYS[status](identifier);
  expect((await readOrder(db, identifier))?.status).toBe(status);
  return identifier;
}

/** Each function, called on an order in each state: what it becomes, or the error; and the same when called again. */
const RESULTS: Record<string, [(id: string) => Promise<unknown>, Record<OrderStatus, string>]> = {
  'beginSending in time': [(id) => begin(id), same({ intended: 'sending' })],
  'beginSending past the deadline': [(id) => begin(id, DEADLINE), same({ intended: 'expired' })],
  renewSending: [(id) => renewSending(db, id, IN_TIME), same({})],
  recordAccepted: [
    accept,
    same({
      sending: 'open',
      unknown: 'open',
      expired: 'open',
      intended: 'IllegalOrderMove',
      rejected: 'IllegalOrderMove',
    }),
  ],
  recordRejected: [
    (id) => recordRejected(db, id, 'under_min_total_bid'),
    { ...same({ sending: 'rejected' }), ...errors('intended', 'open', 'filled', 'canceled', 'unknown', 'expired') },
  ],
  'recordNotSent of the only request': [
    async (id) =>
      recordNotSent(db, { identifier: id, repeated: false, sentAt: (await readOrder(db, id))?.sending_at ?? null }),
    same({ sending: 'intended' }),
  ],
  'recordNotSent of a repeated request': [
    async (id) =>
      recordNotSent(db, { identifier: id, repeated: true, sentAt: (await readOrder(db, id))?.sending_at ?? null }),
    same({}),
  ],
  markUnknown: [(id) => markUnknown(db, id), same({ sending: 'unknown' })],
  markExpired: [(id) => markExpired(db, id, 'given up'), same({ intended: 'expired', unknown: 'expired' })],
  'recordFills to the end': [
    (id) => fills(id, 'canceled'),
    { ...same({ open: 'canceled' }), ...errors('intended', 'sending', 'rejected', 'unknown', 'expired') },
  ],
};

function same(changes: Partial<Record<OrderStatus, string>>): Record<OrderStatus, string> {
  const unchanged = Object.fromEntries(Object.keys(WAYS).map((status) => [status, status]));
  return { ...unchanged, ...changes } as Record<OrderStatus, string>;
}

function errors(...statuses: OrderStatus[]): Partial<Record<OrderStatus, string>> {
  return Object.fromEntries(statuses.map((status) => [status, 'IllegalOrderMove']));
}

describe('calling each function in each state, twice', () => {
  test.each(
    Object.entries(RESULTS).flatMap(([name, [call, results]]) =>
      Object.entries(results).map(([from, to]) => [name, from as OrderStatus, to, call] as const),
    ),
  )('%s: %s → %s', async (_, from, to, call) => {
    const identifier = await orderIn(from);
    const attempt = () =>
      call(identifier).then(
        () => undefined,
        (error: Error) => error.name,
      );

    expect(await attempt()).toBe(to === 'IllegalOrderMove' ? to : undefined);
    const once = [await readOrder(db, identifier), await figures(db, account)];
    const renewed = (row: unknown) => ({ ...(row as Order), sending_at: null });
    expect((once[0] as Order).status).toBe(to === 'IllegalOrderMove' ? from : to);

    await attempt();
    expect(renewed(await readOrder(db, identifier))).toEqual(renewed(once[0]));
    expect(await figures(db, account)).toEqual(once[1]);
    await requireProven(db, account);
  });
});

describe('the money of an order', () => {
  test.each([
    ['intended', '10005'],
    ['sending', '10005'],
    ['open', '10005'],
    ['unknown', '10005'],
    ['filled', '0'],
    ['canceled', '0'],
    ['rejected', '0'],
    ['expired', '0'],
  ] as const)('while it is %s: %s KRW reserved', async (status, reservedCash) => {
    await orderIn(status);
    expect(await figures(db, account)).toMatchObject({ reservedCash });
  });
});

describe('sending', () => {
  it('says to send once, then that it may have been sent', async () => {
    const { identifier } = await intend(db, anOrder(account));
    const first = await begin(identifier);
    expect(first).toMatchObject({ kind: 'send', order: { status: 'sending', request: { volume: '10' } } });
    expect(await begin(identifier)).toMatchObject({ kind: 'maybe-sent' });
    expect(await begin(identifier, DEADLINE)).toMatchObject({ kind: 'maybe-sent' });
  });

  it('of ten attempts at once sends one', async () => {
    const { identifier } = await intend(db, anOrder(account));
    const kinds = (await Promise.all(Array.from({ length: 10 }, () => begin(identifier)))).map((one) => one.kind);
    expect(kinds.filter((kind) => kind === 'send')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'maybe-sent')).toHaveLength(9);
  });

  it('again is committed anew before the deadline, and refused from then on', async () => {
    const identifier = await orderIn('sending');
    const before = (await readOrder(db, identifier))?.sending_at as Date;

    const renewed = await renewSending(db, identifier, DEADLINE - 1);

    expect(renewed.kind).toBe('send');
    expect((await readOrder(db, identifier))?.sending_at?.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(await renewSending(db, identifier, DEADLINE)).toMatchObject({ kind: 'too-late' });
  });

  it('refuses to run inside a transaction, whose commit would come after the request', async () => {
    const { identifier } = await intend(db, anOrder(account));
    await expect(db.transaction().execute((trx) => beginSending(trx, identifier, IN_TIME))).rejects.toThrow(
      /transaction/,
    );
  });

  it('of an order nobody knows is an error', async () => {
    await expect(begin('nobody-knows')).rejects.toMatchObject({ name: 'NotInLedger' });
  });
});

describe('what the exchange knows the order as', () => {
  it('is never two things', async () => {
    const identifier = await orderIn('open');
    await expect(recordAccepted(db, identifier, 'another')).rejects.toMatchObject({ name: 'OrderContradiction' });
  });

  it('keeps the reason it was refused for', async () => {
    const identifier = await orderIn('rejected');
    expect(await readOrder(db, identifier)).toMatchObject({ status_reason: 'insufficient_funds_bid' });
  });
});

describe('an order found late', () => {
  it('as unknown kept its reservation', async () => {
    const identifier = await orderIn('unknown');
    expect(await accept(identifier)).toMatchObject({ kind: 'recorded', order: { status: 'open', settled_at: null } });
    expect(await figures(db, account)).toMatchObject({ reservedCash: '10005' });
  });

  it('as expired reserves again what is free', async () => {
    const late = await orderIn('expired');
    const other = await open(db, anOrder(account, { quantity: '15' }));
    expect(await accept(late)).toMatchObject({ kind: 'market-busy', by: other });
    await recordFills(db, other, {
      fills: [aFill('other', '15', '1000')],
      executedQuantity: '15',
      paidFee: '7.5',
      final: 'filled',
    });

    expect(await accept(late)).toMatchObject({ kind: 'recorded', order: { status: 'open', reserved_cash: '4992.5' } });
    expect(await figures(db, account)).toMatchObject({ cash: '4992.5', reservedCash: '4992.5' });
  });

  it('and filled for more than is left is booked whole, the rest covered by a recorded adjustment', async () => {
    const late = await orderIn('expired');
    const other = await open(db, anOrder(account, { quantity: '15' }));
    const all = { fills: [aFill('bought', '15', '1000')], executedQuantity: '15', paidFee: '7.5' };
    await recordFills(db, other, { ...all, final: 'filled' });
    await accept(late);

    await fills(late, 'filled');

    expect(await figures(db, account)).toMatchObject({ cash: '0', reservedCash: '0', quantity: '25', cost: '25012.5' });
    const adjustments = await db.selectFrom('ledger_adjustments').selectAll().where('account', '=', account).execute();
    expect(adjustments).toMatchObject([{ kind: 'cover', cash: '5012.5' }]);
    await requireProven(db, account);
  });

  it('waits while its market has another order in flight, which is not disturbed', async () => {
    const late = await orderIn('unknown');
    const stop = await intend(db, anOrder(account, { leg: 'stop', quantity: '1' }));

    expect(await accept(late)).toMatchObject({ kind: 'market-busy', by: stop.identifier });
    expect((await readOrder(db, late))?.status).toBe('unknown');

    await markExpired(db, stop.identifier, 'test');
    expect(await accept(late)).toMatchObject({ kind: 'recorded' });
  });
});

describe('unfinished orders', () => {
  it('are found, the one in flight before the unknown ones', async () => {
    const unknown = await orderIn('unknown');
    const stop = await intend(db, anOrder(account, { leg: 'stop', quantity: '1' }));

    const found = await findUnfinishedOrders(db, account);

    expect(found.map((order) => order.identifier)).toEqual([stop.identifier, unknown]);
    expect((await findUnfinishedOrder(db, account, 'KRW-BTC'))?.identifier).toBe(stop.identifier);
    expect(await findUnfinishedOrder(db, account, 'KRW-ETH')).toBeUndefined();
  });

  test.each(['filled', 'canceled', 'rejected', 'expired'] as const)('are not those %s', async (status) => {
    await orderIn(status);
    expect(await findUnfinishedOrders(db, account)).toEqual([]);
  });
});
