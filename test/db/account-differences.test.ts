import { sql } from 'kysely';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { noteOrdersRead, readComparisonProgress, readLastComparison } from '../../db/account-comparisons.ts';
import {
  type NewAccountDifference,
  type RecordedDifferences,
  readAccountDifferences,
  readRecordedDifferences,
  recordComparison,
} from '../../db/account-differences.ts';
import { recordForeignOrder } from '../../db/foreign-orders.ts';
import { readLedgerTotals } from '../../db/ledger-totals.ts';
import { beginSending } from '../../db/order-sending.ts';
import { recordFills } from '../../db/trades.ts';
import type { BotId } from '../../strategy/order-identifier.ts';
import { minute } from '../support/candles.ts';
import { aFill, anAccount, anOrder, BTC, ETH, IN_TIME, intend, open, useLedgerDatabase } from '../support/ledger.ts';
import { markUnknown, recordRejected } from '../support/order-outcomes.ts';

const botId = 'testbot1' as BotId;
const { db } = await useLedgerDatabase();
let account: string;
beforeEach(async () => {
  account = await anAccount(db, '100000');
});

const opening = (currency: string, amount: string): NewAccountDifference => ({
  ...{ currency, amount, cause: 'opening', exchangeOrderId: null, detail: 'test' },
});
const judged = () => readRecordedDifferences(db, account, botId);
const finish = (of: RecordedDifferences, differences: readonly NewAccountDifference[], outside = {}) =>
  recordComparison(db, { account, botId, marketTime: minute(6), judged: of, differences, outside });
const record = async (rows: readonly NewAccountDifference[]) => finish(await judged(), rows);

/** An order of others: bought 2 coins for 100 KRW and 0.05 of fees. */
const bought = (changes: object = {}) => ({
  ...{ account, exchangeOrderId: `x-${account}`, identifier: null, market: BTC, side: 'bid' as const, state: 'done' },
  ...{ executedQuantity: '2', executedFunds: '100', paidFee: '0.05' },
  ...changes,
});
const effects = async () =>
  (await readRecordedDifferences(db, account, botId)).unrecorded.map(({ amount, currency }) => `${amount} ${currency}`);

describe('a difference', () => {
  it('is kept with market time and read newest first', async () => {
    await record([opening('KRW', '0')]);
    await record([{ ...opening('KRW', '-5.5'), cause: 'unknown' }]);

    const rows = await readAccountDifferences(db, account, 10);
    expect(rows.map(({ amount, cause }) => [amount, cause])).toEqual([
      ['-5.5', 'unknown'],
      ['0', 'opening'],
    ]);
    expect(rows[0]?.market_time.getTime()).toBe(minute(6));
    expect(await readAccountDifferences(db, account, 1)).toEqual([rows[0]]);
  });

  it('is not recorded by a comparison that another has overtaken, whatever that one found', async () => {
    const [first, second] = [await judged(), await judged()];
    expect(await finish(first, [])).toEqual([]);

    expect(await finish(second, [opening('KRW', '7')], { KRW: '7' })).toBeUndefined();

    expect(await readAccountDifferences(db, account, 10)).toEqual([]);
    expect((await readLastComparison(db, account))?.outside).toEqual({});
  });

  it('is not recorded when an order was, which may explain it', async () => {
    const before = await judged();
    await recordForeignOrder(db, bought());
    expect(await finish(before, [opening('KRW', '7')])).toBeUndefined();
  });

  it('of several who judged the same at once is recorded by one', async () => {
    const same = await judged();
    const all = await Promise.all([1, 2, 3].map(() => finish(same, [opening('KRW', '7')])));
    expect(all.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await readAccountDifferences(db, account, 10)).toHaveLength(1);
  });

  test.each([
    ['of nothing', { ...opening('KRW', '0'), cause: 'unknown' }, 'only_an_opening_is_zero'],
    ['by an order nobody names', { ...opening('KRW', '1'), cause: 'hand-trade' }, 'orders_are_named'],
    ['by an order nobody saw', { ...opening('KRW', '1'), cause: 'hand-trade', exchangeOrderId: 'no' }, 'foreign key'],
  ] as const)('%s is refused', async (_, row, message) => {
    await expect(record([row])).rejects.toThrow(message);
  });

  it('opens a currency once', async () => {
    await record([opening('KRW', '1')]);
    await expect(record([opening('KRW', '2')])).rejects.toThrow('one_opening_per_currency');
  });

  test.each([
    'UPDATE account_differences SET amount = 1',
    'DELETE FROM account_differences',
    'TRUNCATE account_differences',
  ])('never changes: %s', async (statement) => {
    await record([opening('KRW', '1')]);
    await expect(sql.raw(statement).execute(db)).rejects.toThrow('never changed or removed');
  });
});

describe('what an order of others moved', () => {
  it('is its funds and fee, and its coins, until that is recorded; and again what it did since', async () => {
    const { exchange_order_id: exchangeOrderId } = await recordForeignOrder(db, bought({ state: 'wait' }));
    expect(await effects()).toEqual(['2 BTC', '-100.05 KRW']);

    const row = { exchangeOrderId, cause: 'hand-trade', detail: 'test' } as const;
    await record([
      { ...row, currency: 'KRW', amount: '-100.05' },
      { ...row, currency: 'BTC', amount: '2' },
    ]);
    expect(await effects()).toEqual([]);

    await recordForeignOrder(db, bought({ executedQuantity: '3', executedFunds: '150', paidFee: '0.075' }));
    expect(await effects()).toEqual(['1 BTC', '-50.025 KRW']);
  });

  it('is, for a sale, what it fetched less the fee', async () => {
    await recordForeignOrder(db, bought({ side: 'ask', market: ETH }));
    expect(await effects()).toEqual(['-2 ETH', '99.95 KRW']);
  });

  it('counts without what the ledger has booked of it', async () => {
    const identifier = await open(db, anOrder(account));
    await recordFills(db, identifier, {
      ...{ fills: [aFill(`t-${account}`, '1', '50')], executedQuantity: '1', paidFee: '0.025', final: 'canceled' },
    });
    const exchangeOrderId = `exchange-${identifier}`;
    await recordForeignOrder(db, bought({ identifier, exchangeOrderId }));

    const { unrecorded } = await readRecordedDifferences(db, account, botId);

    expect(unrecorded.map(({ amount, currency }) => `${amount} ${currency}`)).toEqual(['1 BTC', '-50.025 KRW']);
    expect(unrecorded[0]).toMatchObject({ inLedger: true, ownIdentifier: true });
  });

  it('counts whole where the ledger has booked another order under that identifier', async () => {
    const identifier = await open(db, anOrder(account));
    await recordFills(db, identifier, {
      ...{ fills: [aFill(`t-${account}`, '1', '50')], executedQuantity: '1', paidFee: '0.025', final: 'canceled' },
    });
    await recordForeignOrder(db, bought({ identifier }));
    expect(await effects()).toEqual(['2 BTC', '-100.05 KRW']);
  });

  it('is known as ours by its identifier alone', async () => {
    await recordForeignOrder(db, bought({ identifier: 'testbot1-lost' }));
    const { unrecorded } = await readRecordedDifferences(db, account, botId);
    expect(unrecorded[0]).toMatchObject({ inLedger: false, ownIdentifier: true });
    const { unrecorded: asOthers } = await readRecordedDifferences(db, account, 'another1' as BotId);
    expect(asOthers[0]).toMatchObject({ ownIdentifier: false });
  });
});

describe('where comparing stands', () => {
  it('is nowhere at first, and then how long ago and how far', async () => {
    expect(await readComparisonProgress(db, account)).toEqual({});
    await noteOrdersRead(db, account, { until: minute(5), now: minute(5) });
    await noteOrdersRead(db, account, { until: minute(4), now: minute(5) });
    expect(await readComparisonProgress(db, account)).toEqual({ ordersUntil: minute(5) });
    expect(await readLastComparison(db, account)).toBeUndefined();

    await finish(await judged(), [], { KRW: '0.00000000000000000001' });

    const { comparedAgoMs, comparedAt, ordersUntil } = await readComparisonProgress(db, account);
    expect(comparedAgoMs).toBeLessThan(30_000);
    expect([comparedAt, ordersUntil]).toEqual([minute(6), minute(5)]);
    expect((await readLastComparison(db, account))?.outside).toEqual({ KRW: '0.00000000000000000001' });
  });

  it('goes back only where more was noted than there was time for', async () => {
    await noteOrdersRead(db, account, { until: minute(9), now: minute(9) });
    await noteOrdersRead(db, account, { until: minute(4), now: minute(5) });
    expect((await readComparisonProgress(db, account)).ordersUntil).toBe(minute(4));
  });
});

describe('the ledger at one instant', () => {
  it('says what each market owns, what of it was given, and which orders are not at their end', async () => {
    const order = anOrder(account);
    await intend(db, order);
    expect(await readLedgerTotals(db, account)).toEqual({
      markets: [{ market: BTC, cash: '100000', quantity: '0', givenCash: '100000', givenQuantity: '0' }],
      ...{ inFlight: [order.identifier], unknown: [] },
    });

    await beginSending(db, order.identifier, IN_TIME);
    await markUnknown(db, order.identifier);
    expect(await readLedgerTotals(db, account)).toMatchObject({
      ...{ inFlight: [], unknown: [{ identifier: order.identifier, market: BTC }] },
    });
  });

  it('names no order that has ended', async () => {
    const order = anOrder(account);
    await intend(db, order);
    await beginSending(db, order.identifier, IN_TIME);
    await recordRejected(db, order.identifier, 'test');
    expect(await readLedgerTotals(db, account)).toMatchObject({ inFlight: [], unknown: [] });
  });
});
