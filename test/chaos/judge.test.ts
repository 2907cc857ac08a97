import { expect, test } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import type { TrueOrder } from '../support/fault-control.ts';
import { judge, NOTHING_WRONG, type Records } from './judge.ts';
import type { LedgerOrder, LedgerRecord, OrderStep } from './ledger-record.ts';

const BOT = 'k3v9x0ab';
const ID = `${BOT}-KRW-BTC-ssf41o-entry`;
const SENT = Date.parse('2026-01-01T00:00:01.000Z');

const fill = { uuid: 'f-1', at: '2026-01-01T00:00:01Z', price: '1000', volume: '2.5', funds: '2500', fee: '1.25' };
const there: TrueOrder = {
  sequence: 1,
  uuid: 'o-1',
  identifier: ID,
  market: parseMarket('KRW-BTC'),
  side: 'bid',
  ord_type: 'limit',
  price: '1000',
  volume: '2.5',
  time_in_force: null,
  state: 'done',
  created_at: '2026-01-01T00:00:01Z',
  executed_volume: '2.5',
  executed_funds: '2500',
  paid_fee: '1.25',
  prevented_volume: '0',
  prevented_locked: '0',
  fills: [fill],
};
const here: LedgerOrder = {
  identifier: ID,
  exchange_order_id: 'o-1',
  market: 'KRW-BTC',
  side: 'bid',
  status: 'filled',
  status_reason: null,
  executed_quantity: '2.50000000',
  paid_fee: '1.25',
  reserved_cash: '0',
  reserved_quantity: '0',
};
const step = (status: string, at: number): OrderStep => ({ identifier: ID, market: 'KRW-BTC', status, at });
const request = {
  number: 1,
  received_at: new Date(SENT).toISOString(),
  market_time: '2026-01-01T00:00:01Z',
  identifier: ID,
  market: 'KRW-BTC',
  faults: [],
  outcome: 'accepted' as const,
  uuid: 'o-1',
  error: null,
  settled_at: new Date(SENT).toISOString(),
};
const ledger: LedgerRecord = {
  botId: BOT,
  orders: [here],
  trades: [{ identifier: ID, exchange_trade_id: 'f-1', price: '1000', quantity: '2.5', funds: '2500', fee: '1.25' }],
  steps: [step('intended', SENT - 20), step('sending', SENT - 10), step('open', SENT + 10), step('filled', SENT + 20)],
  money: [
    {
      market: 'KRW-BTC',
      cash: '7498.75',
      quantity: '2.5',
      reserved_cash: '0',
      reserved_quantity: '0',
      flow_cash: '10000',
      flow_quantity: '0',
      covers: 0,
      fee_adjustments: '0',
    },
  ],
  decisions: [],
  noted: [],
};
const records: Records = {
  truth: {
    market_time: '2026-01-01T00:01:00Z',
    balances: [
      { currency: 'KRW', balance: '7498.75', locked: '0' },
      { currency: 'BTC', balance: '2.5', locked: '0' },
    ],
    burned_identifiers: [],
    orders: [there],
  },
  requests: [request],
  ledger,
  openingKrw: '10000',
  halts: [],
};

/** The same with another ledger. */
const withLedger = (change: Partial<LedgerRecord>): Records => ({ ...records, ledger: { ...ledger, ...change } });

test('an order that went exactly once is found right', () => {
  expect(judge(records)).toEqual(NOTHING_WRONG);
});

test('two orders of one market, candle and leg are a duplicate, whatever their names', () => {
  const twin = { ...there, uuid: 'o-2', identifier: `${ID}-x7`, executed_volume: '0', paid_fee: '0', fills: [] };

  const { duplicates } = judge({ ...records, truth: { ...records.truth, orders: [there, twin] } });

  expect(duplicates).toEqual([`KRW BTC ssf41o entry: ${ID} and ${ID}-x7`]);
});

test.each([
  ['unknown to the ledger', withLedger({ orders: [], trades: [] })],
  ['under another name there', withLedger({ orders: [{ ...here, exchange_order_id: 'o-9' }] })],
  ['ended otherwise', withLedger({ orders: [{ ...here, status: 'canceled' }] })],
  ['executed otherwise', withLedger({ orders: [{ ...here, executed_quantity: '2.4' }] })],
  ['written off in the meantime', withLedger({ steps: [...ledger.steps, step('expired', SENT + 5)] })],
  ['sent before it was committed', withLedger({ steps: [step('sending', SENT + 5)] })],
  ['sent twice on one commit', { ...records, requests: [request, { ...request, number: 2 }] }],
  ['called filled and never there', { ...records, truth: { ...records.truth, orders: [] } }],
  ['rejected for a 429', withLedger({ orders: [{ ...here, status: 'rejected', status_reason: 'too_many_requests' }] })],
])('an order that is %s is lost', (_, wrong) => {
  expect(judge(wrong).lost_orders).not.toEqual([]);
});

test('a request needs a commit made since the order was last as before its sending', () => {
  const again = [step('intended', SENT - 20), step('sending', SENT - 10), step('intended', SENT - 5)];
  const lost = (steps: readonly OrderStep[]) => judge(withLedger({ steps })).lost_orders;
  const ended = [step('open', SENT + 10), step('filled', SENT + 20)];

  expect(lost([...again, step('sending', SENT - 2), ...ended])).toEqual([]);
  expect(lost([...again, ...ended])).toEqual([`${ID}: sent at 2026-01-01T00:00:01.000Z, before the ledger said so`]);
});

test('a refusal by name that the exchange made is believed', () => {
  const refused = { ...request, outcome: 'refused' as const, uuid: null, error: 'under_min_total_bid' };
  const row = { ...here, exchange_order_id: null, status: 'rejected', status_reason: 'under_min_total_bid' };

  const { lost_orders } = judge({
    ...withLedger({ orders: [row], trades: [] }),
    requests: [refused],
    truth: { ...records.truth, orders: [] },
  });

  expect(lost_orders).toEqual([]);
});

test('a fill that is not booked, or not as it was, is lost, and so is one that never was', () => {
  const [trade] = ledger.trades;
  if (trade === undefined) throw new Error('no trade');

  expect(judge(withLedger({ trades: [] })).lost_fills).toEqual([`2.5 of ${ID} (f-1): not booked`]);
  expect(judge(withLedger({ trades: [{ ...trade, fee: '1.26' }] })).lost_fills).toHaveLength(1);
  expect(judge(withLedger({ trades: [trade, { ...trade, exchange_trade_id: 'f-2' }] })).lost_fills).toHaveLength(1);
});

test('money is compared to the last decimal, market by market and with the exchange', () => {
  const [money] = ledger.money;
  if (money === undefined) throw new Error('no money');

  expect(judge(withLedger({ money: [{ ...money, cash: '7498.75000001' }] })).ledger_differences).toHaveLength(2);
  expect(judge(withLedger({ money: [{ ...money, covers: 1 }] })).ledger_differences).toHaveLength(1);
  expect(judge(withLedger({ noted: ['KRW 1: nothing explains it'] })).ledger_differences).toHaveLength(1);
});

test('a create after a halt has returned counts until it is lifted', () => {
  const { created_after_halt: within } = judge({ ...records, halts: [{ from: SENT - 7, until: SENT + 500 }] });
  const { created_after_halt: before } = judge({ ...records, halts: [{ from: SENT + 1, until: SENT + 500 }] });

  expect(within).toEqual([`${ID}: at 2026-01-01T00:00:01.000Z, 7 ms after the halt returned`]);
  expect(before).toEqual([]);
});

test('an order without an end and money that stays reserved are stuck', () => {
  const [money] = ledger.money;
  if (money === undefined) throw new Error('no money');

  expect(judge(withLedger({ orders: [{ ...here, status: 'unknown' }] })).stuck).toEqual([`${ID}: still unknown`]);
  expect(judge(withLedger({ orders: [{ ...here, reserved_cash: '5' }] })).stuck).toHaveLength(1);
  expect(judge(withLedger({ money: [{ ...money, reserved_quantity: '1' }] })).stuck).toHaveLength(1);
});
