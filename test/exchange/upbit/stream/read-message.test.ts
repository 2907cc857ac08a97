import { expect, it } from 'vitest';
import { createKeyHider } from '../../../../exchange/upbit/hide-keys.ts';
import { readFrame as readHiding } from '../../../../exchange/upbit/stream/read-message.ts';
import { STREAM_REFUSALS } from '../../../../exchange/upbit/stream/refusal.ts';
import { scriptedQuotes, tradeOf } from './scripted-lines.ts';

const readFrame = (text: string) => readHiding(text, createKeyHider());

const ORDER = {
  type: 'myOrder',
  code: 'KRW-BTC',
  uuid: 'o-1',
  ask_bid: 'BID',
  order_type: 'limit',
  state: 'wait',
  trade_uuid: null,
  price: 150_000_000,
  avg_price: 0,
  volume: 0.1,
  remaining_volume: 0.1,
  executed_volume: 0,
  trades_count: 0,
  reserved_fee: 7_500,
  remaining_fee: 7_500,
  paid_fee: 0,
  locked: 15_007_500,
  executed_funds: 0,
  time_in_force: null,
  trade_fee: null,
  is_maker: null,
  identifier: 'one',
  smp_type: null,
  prevented_volume: 0,
  prevented_locked: 0,
  trade_timestamp: null,
  order_timestamp: 1_800_000_000_000,
  timestamp: 1_800_000_000_001,
  stream_type: 'REALTIME',
};
const FILL = {
  ...ORDER,
  state: 'trade',
  trade_uuid: 't-1',
  price: 149_999_000,
  volume: 0.04,
  executed_volume: 0.04,
  remaining_volume: 0.06,
  trades_count: 1,
  trade_fee: 2_999.98,
  is_maker: true,
  trade_timestamp: 1_800_000_000_002,
};

const read = (message: unknown) => readFrame(JSON.stringify(message))[0];
const orderIn = (message: unknown) => {
  const said = read(message);
  if (said?.kind !== 'data' || said.data.kind !== 'order') throw new Error(JSON.stringify(said));
  return said.data.order;
};

it('keeps every digit of balances of 20 digits', () => {
  const text = `{"type":"myAsset","asset_uuid":"a","assets":[
    {"currency":"KRW","balance":12345678901234567890,"locked":0.12345678901234567890},
    {"currency":"BTC","balance":1e-8,"locked":0}],"asset_timestamp":1800000000000,"timestamp":1800000000000,"stream_type":"REALTIME"}`;
  expect(readFrame(text)).toEqual([
    {
      kind: 'data',
      topic: { type: 'myAsset', market: undefined },
      data: {
        kind: 'assets',
        assets: {
          assets: [
            { currency: 'KRW', free: '12345678901234567890', locked: '0.1234567890123456789' },
            { currency: 'BTC', free: '0.00000001', locked: '0' },
          ],
          at: 1_800_000_000_000,
        },
      },
    },
  ]);
});

it('keeps the id of a trade beyond what a JavaScript number holds', () => {
  const text = JSON.stringify(tradeOf('KRW-BTC', 'REALTIME')).replace(
    '"sequential_id":1',
    '"sequential_id":17103275719220001',
  );
  expect(readFrame(text)).toMatchObject([{ data: { trade: { id: '17103275719220001' } } }]);
});

it('gives a falling trade its sign, which REST has and the stream leaves out', () => {
  const told = read(tradeOf('KRW-BTC', 'REALTIME', { change: 'FALL', change_price: 5 }));
  expect(told).toMatchObject({ data: { trade: { change: '-5' } } });
});

it('tells an order as it stands, without what the exchange gave as null', () => {
  expect(orderIn(ORDER)).toMatchObject({
    exchangeOrderId: 'o-1',
    identifier: 'one',
    state: 'wait',
    price: '150000000',
    volume: '0.1',
    remainingVolume: '0.1',
    timeInForce: undefined,
    fill: undefined,
  });
});

it("tells a fill by its own price and volume, and does not take them for the order's", () => {
  const order = orderIn(FILL);
  expect([order.price, order.volume]).toEqual([undefined, undefined]);
  expect([order.executedVolume, order.remainingVolume]).toEqual(['0.04', '0.06']);
  expect(order.fill).toEqual({
    exchangeTradeId: 't-1',
    price: '149999000',
    volume: '0.04',
    fee: '2999.98',
    isMaker: true,
    executedAt: 1_800_000_000_002,
  });
});

it.each(['done', 'cancel', 'watch', 'prevented'] as const)('knows the step %s', (state) => {
  expect(orderIn({ ...ORDER, state })).toMatchObject({ state, fill: undefined });
});

it.each([
  ['is no JSON', '{"type":'],
  ['is a number', '17'],
  ['holds something else', '{"hello":"you"}'],
  ['is of a type nobody asked for', '{"type":"candle.7m"}'],
  ['is of a candle without a length', '{"type":"candle"}'],
  ['is called like something every object has', '{"type":"constructor"}'],
  ['is nested too deep', '['.repeat(200_000)],
  ['lacks what a trade has', JSON.stringify({ ...tradeOf('KRW-BTC', 'REALTIME'), trade_price: undefined })],
  ['has a price that is none', JSON.stringify(tradeOf('KRW-BTC', 'REALTIME', { trade_price: 'NaN' }))],
  ['names no market', JSON.stringify(tradeOf('btc', 'REALTIME'))],
  ['is a fill without an id', JSON.stringify({ ...FILL, trade_uuid: null })],
  ['is a fill without a price', JSON.stringify({ ...FILL, price: null })],
  ['is a fill without a volume', JSON.stringify({ ...FILL, volume: null })],
  ['is an order in a state we do not know', JSON.stringify({ ...ORDER, state: 'expired' })],
])('calls a message unreadable that %s', (_what, text) => {
  expect(readFrame(text)).toEqual([
    { kind: 'unreadable', error: expect.objectContaining({ name: 'UnexpectedResponse' }) },
  ]);
});

it('goes on after an unreadable message, in a list and on the line, and tells of each', async () => {
  const trade = tradeOf('KRW-BTC', 'SNAPSHOT');
  expect(readFrame(JSON.stringify([{ type: 'nonsense' }, trade])).map(({ kind }) => kind)).toEqual([
    'unreadable',
    'data',
  ]);

  const { line, lines, events } = await scriptedQuotes();
  line().open();
  line().say('{');
  line().say([{ type: 'nonsense' }, trade]);
  expect(events.map(({ kind }) => kind)).toEqual(['unreadable', 'unreadable', 'trade', 'gap']);
  expect(lines).toHaveLength(1);
});

it('tells nothing of the answer to a PING', async () => {
  const { line, events } = await scriptedQuotes();
  line().open().say({ status: 'UP' });
  expect(events).toEqual([]);
});

it.each([
  ['INVALID_AUTH', 'AuthenticationFailed'],
  ['TOO_MANY_REQUEST', 'RateLimited'],
  ['WRONG_FORMAT', 'UnexpectedResponse'],
  ['NO_TICKET', 'UnexpectedResponse'],
  ['NO_TYPE', 'UnexpectedResponse'],
  ['NO_CODES', 'UnexpectedResponse'],
  ['INVALID_PARAM', 'UnexpectedResponse'],
])('takes the refusal %s for %s, and tells the operator what it means', (name, ours) => {
  const meaning = STREAM_REFUSALS.get(name) ?? 'none';
  expect(meaning.split(' ').length).toBeGreaterThan(10);
  const error = { name: ours, message: expect.stringContaining(meaning) };
  expect(read({ error: { name, message: 'why' } })).toMatchObject({ kind: 'refusal', error });
});

it('takes a refusal under a name that nobody documented for one of what was asked for, in its own words', () => {
  expect(read({ error: { name: 'NEW', message: 'why' } })).toMatchObject({
    kind: 'refusal',
    error: { message: 'the exchange refused a subscription (NEW): the exchange says: why', name: 'UnexpectedResponse' },
  });
});
