import { expect, test } from 'vitest';
import { Exact } from '../../../exchange/matching/exact.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { open, prices, refusal, sum, type Unit } from './levels-scene.ts';
import { get, paperOptions, signed, standingWall, startForTest, temporaryFolder } from './paper.ts';
import { THIN_BOOK } from './thin-book.ts';

/** A tick of the market at its price, KRW. */
const TICK = 1_000;

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no entry ${index}`);
  return found;
}

test('best takes every offer at the best price, ours behind the others too, and nothing past it', async () => {
  const { order, call, units } = await open();
  await order({ side: 'bid', ord_type: 'price', price: '1000000' });
  const [ask, next] = (await units()).map((unit) => [unit.ask_price, new Exact(unit.ask_size).toFixed()]);
  const mine = await order({ side: 'ask', ord_type: 'limit', price: String(ask?.[0]), volume: '0.001' });

  const best = { side: 'bid', ord_type: 'best', price: '5000000', smp_type: 'none' };
  const taken = await order({ ...best, time_in_force: 'ioc' });

  const trades = taken.trades.map((trade: { price: string; volume: string }) => [Number(trade.price), trade.volume]);
  expect(trades).toEqual([ask, [ask?.[0], '0.001']]);
  expect(taken.state).toBe('cancel');
  expect((await call('GET', '/v1/order', `uuid=${mine.uuid}`)).json.state).toBe('done');
  expect(at(await units(), 0).ask_price).toBe(next?.[0]);
});

test('best sells at the best bid: all of it, or with fok nothing at all', async () => {
  const { order, units } = await open();
  await order({ side: 'bid', ord_type: 'price', price: '1000000' });
  const { bid_price: price, bid_size: others } = at(await units(), 0);
  await order({ side: 'bid', ord_type: 'limit', price: String(price), volume: '0.001' });
  const whole = new Exact(others).plus('0.001');
  const best = { side: 'ask', ord_type: 'best', time_in_force: 'fok', smp_type: 'none' };

  const tooMuch = await order({ ...best, volume: whole.plus('0.00000001').toFixed() });
  const fitting = await order({ ...best, volume: whole.toFixed() });

  expect([tooMuch.state, tooMuch.trades]).toEqual(['cancel', []]);
  expect([fitting.state, prices(fitting)]).toEqual(['done', [price, price]]);
});

test('a market order takes all thirty prices; one of more is refused by name, and its identifier is used up', async () => {
  const { order, post, call, units, balance, wall } = await open({ book: { ...THIN_BOOK, depthKrw: 2_000 } });
  const worthOf = (book: readonly Unit[]) =>
    sum(book.map((unit) => new Exact(unit.ask_price).times(unit.ask_size).toFixed()));
  const bid = { side: 'bid', ord_type: 'price' };
  const ask = { side: 'ask', ord_type: 'market' };

  const dear = worthOf(await units()).ceil();
  expect(refusal(await post({ ...bid, price: dear.toFixed(), identifier: 'buy' }))).toEqual([400, 'create_bid_error']);
  const bought = await order({ ...bid, price: dear.minus(1).toFixed() });
  expect(new Set(prices(bought)).size).toBe(30);

  // The next trades of the feed bring new offers, until there are more coins than all bids together take.
  for (let rounds = 0; rounds < 3; rounds += 1) {
    wall.pass(6_000);
    await order({
      ...bid,
      price: worthOf(await units())
        .floor()
        .toFixed(),
    });
  }
  // A book that nothing was taken from: beside a price that one side lacks the other's is not shown.
  wall.pass(6_000);
  const held = await balance('BTC');
  const bids = sum((await units()).map((unit) => String(unit.bid_size)));
  // A price of ours below them is the thirty-first: it does not count.
  const below = String(at(await units(), 29).bid_price - 50 * TICK);
  await order({ side: 'bid', ord_type: 'limit', price: below, volume: '0.0001' });
  const tooMuch = { ...ask, volume: bids.plus('0.00000001').toFixed(), identifier: 'sale' };
  expect(refusal(await post(tooMuch))).toEqual([400, 'create_ask_error']);
  expect(await balance('BTC')).toEqual(held);
  const sold = await order({ ...ask, volume: bids.toFixed() });
  expect([sold.state, new Set(prices(sold)).size]).toEqual(['done', 30]);

  for (const identifier of ['buy', 'sale']) {
    expect(refusal(await call('GET', '/v1/order', `identifier=${identifier}`))).toEqual([404, 'order_not_found']);
    const small = { side: 'bid', ord_type: 'limit', price: '100000000', volume: '0.0001', identifier };
    expect(refusal(await post(small))).toEqual([400, 'duplicated_identifier']);
  }
});

test('an order filled in part on arrival is accepted untouched, then shown waiting with what it traded', async () => {
  const { post, call, units, balance } = await open();
  const [{ ask_price: price, ask_size: offered }, next] = [at(await units(), 0), at(await units(), 1)];
  const volume = new Exact(offered).plus('0.01');
  const body = { side: 'bid', ord_type: 'limit', price: String(price), volume: volume.toFixed(), identifier: 'part' };

  const accepted = (await post(body)).json;
  const shown = (await call('GET', '/v1/order', 'identifier=part')).json;

  const won = (coins: string | number) => new Exact(price).times(coins);
  const [funds, fee] = [won(offered), won(offered).times('0.0005')];
  const locked = won('0.01').times('1.0005').toFixed();
  expect(accepted).toMatchObject({ state: 'wait', executed_volume: '0', paid_fee: '0', trades_count: 0 });
  expect(accepted.remaining_volume).toBe(volume.toFixed());
  expect(shown).toMatchObject({
    state: 'wait',
    executed_volume: new Exact(offered).toFixed(),
    remaining_volume: '0.01',
    trades_count: 1,
    paid_fee: fee.toFixed(),
    reserved_fee: accepted.reserved_fee,
    remaining_fee: new Exact(accepted.reserved_fee).minus(fee).toFixed(),
    locked,
    trades: [{ market: 'KRW-BTC', side: 'bid', price: String(price), funds: funds.toFixed() }],
  });
  const { trades, ...listed } = shown;
  expect(trades[0].volume).toBe(shown.executed_volume);
  expect((await call('GET', '/v1/orders/open')).json).toEqual([listed]);
  const free = new Exact(10_000_000).minus(funds).minus(fee).minus(locked).toFixed();
  expect([await balance('KRW'), await balance('BTC')]).toEqual([
    [free, locked],
    [shown.executed_volume, '0'],
  ]);
  // What is left stands in the book, now as the best bid.
  expect(at(await units(), 0)).toMatchObject({ bid_price: price, bid_size: 0.01, ask_price: next.ask_price });
});

test('our orders stand among those of others in the order of prices, whenever they came', async () => {
  const { order, units, url } = await open();
  const before = await units();
  const wide = before.findIndex((unit, index) => index > 0 && unit.bid_price - at(before, index + 1).bid_price > TICK);
  const among = at(before, wide).bid_price - TICK;
  const best = at(before, 0).bid_price + TICK;
  const shared = at(before, wide + 1);
  const last = at(before, 29).bid_price;

  for (const price of [among, last - 50 * TICK, best, shared.bid_price]) {
    await order({ side: 'bid', ord_type: 'limit', price: String(price), volume: '0.0002' });
  }

  const after = await units();
  const bids = after.map((unit) => unit.bid_price);
  expect(bids).toEqual([...new Set(bids)].sort((a, b) => b - a));
  const sizeAt = (price: number) => after.find((unit) => unit.bid_price === price)?.bid_size;
  expect([bids[0], sizeAt(best), sizeAt(among)]).toEqual([best, 0.0002, 0.0002]);
  expect(sizeAt(shared.bid_price)).toBe(new Exact(shared.bid_size).plus('0.0002').toNumber());
  // Two prices more on top: the last two, and what is below them, are past the thirty that are shown.
  expect([after.length, bids.at(-1)]).toEqual([30, at(before, 27).bid_price]);
  expect(after.map((unit) => unit.ask_price)).toEqual(before.map((unit) => unit.ask_price));
  const [book] = (await get(`${url}/v1/orderbook?markets=KRW-BTC`)).json;
  expect(book.total_bid_size).toBe(sum(after.map((unit) => String(unit.bid_size))).toNumber());
});

test('a stop and a start change nothing of the book: what was taken stays away, and our orders keep their places', async () => {
  const options = { stateDir: temporaryFolder(), wallClock: standingWall().now, book: THIN_BOOK };
  const first = await startPaperExchange(paperOptions(options));
  const bookOf = async ({ url }: { url: string }) => (await get(`${url}/v1/orderbook?markets=KRW-BTC`)).json;
  const send = (url: string, body: object) =>
    signed(url, 'POST', '/v1/orders', { body: { market: 'KRW-BTC', ...body } });
  const untouched = await bookOf(first);
  await send(first.url, { side: 'bid', ord_type: 'price', price: '2000000' });
  const { bid_price: price, bid_size: ahead } = untouched[0].orderbook_units[0] as Unit;
  await send(first.url, { side: 'bid', ord_type: 'limit', price: String(price), volume: '0.001', identifier: 'waits' });
  const left = await bookOf(first);
  await first.close();

  const second = await startForTest(options);

  expect(left).not.toEqual(untouched);
  expect(await bookOf(second)).toEqual(left);
  // Whoever sells as much as stood ahead of ours does not reach it.
  await send(second.url, { side: 'ask', ord_type: 'market', volume: new Exact(ahead).toFixed(), smp_type: 'none' });
  const waits = await signed(second.url, 'GET', '/v1/order', { query: 'identifier=waits' });
  expect([waits.json.state, waits.json.executed_volume]).toEqual(['wait', '0']);
});
