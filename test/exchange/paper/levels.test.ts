import { expect, test } from 'vitest';
import { Exact } from '../../../exchange/matching/exact.ts';
import { type Body, fundsOf, open, prices, refusal, sum, type Unit } from './levels-scene.ts';
import { get } from './paper.ts';
import { THIN_BOOK } from './thin-book.ts';

test('a market buy walks up the asks and ends in cancel, its rest refunded to the last decimal', async () => {
  const { order, balance } = await open();

  const bought = await order({ side: 'bid', ord_type: 'price', price: '3000000' });

  expect(bought.trades.length).toBeGreaterThan(5);
  expect(prices(bought)).toEqual([...new Set(prices(bought))].sort((a, b) => a - b));
  const funds = fundsOf(bought);
  const fee = funds.times('0.0005');
  const rest = new Exact('3001500').minus(funds).minus(fee);
  expect([bought.state, bought.paid_fee, bought.locked]).toEqual(['cancel', fee.toFixed(), rest.toFixed()]);
  expect(rest.gt(0) && rest.lt(2)).toBe(true);
  expect(await balance('KRW')).toEqual([new Exact(10_000_000).minus(funds).minus(fee).toFixed(), '0']);
  expect(await balance('BTC')).toEqual([bought.executed_volume, '0']);
});

test('a market sale walks down the bids and ends in done; what was traded is gone from the book', async () => {
  const { order, balance } = await open();
  const bought = await order({ side: 'bid', ord_type: 'price', price: '3000000' });

  const sold = await order({ side: 'ask', ord_type: 'market', volume: bought.executed_volume });
  const again = await order({ side: 'bid', ord_type: 'price', price: '3000000' });

  expect(sold.trades.length).toBeGreaterThan(5);
  expect(prices(sold)).toEqual([...new Set(prices(sold))].sort((a, b) => b - a));
  expect([sold.state, sold.remaining_volume, sold.locked]).toEqual(['done', '0', '0']);
  expect(Math.max(...prices(sold))).toBeLessThan(Math.min(...prices(bought)));
  // The last price bought at may have kept something; all before it is empty until the feed trades again.
  expect(Math.min(...prices(again))).toBeGreaterThanOrEqual(Math.max(...prices(bought)));
  const won = fundsOf(sold)
    .times('0.9995')
    .minus(fundsOf(bought).times('1.0005'))
    .minus(fundsOf(again).times('1.0005'));
  expect(await balance('KRW')).toEqual([won.plus(10_000_000).toFixed(), '0']);
});

test('ioc takes what its limit reaches, fok all or nothing, post_only nothing at all; best one price', async () => {
  const { order, balance } = await open();
  const first = await order({ side: 'bid', ord_type: 'price', price: '10000' });
  const ask = String(prices(first)[0]);
  const limit = { side: 'bid', ord_type: 'limit', price: ask, volume: '0.05' };

  const fok = await order({ ...limit, time_in_force: 'fok' });
  const crossing = await order({ ...limit, time_in_force: 'post_only' });
  const bestFok = await order({ side: 'bid', ord_type: 'best', price: '5000000', time_in_force: 'fok' });
  const untouched = await balance('BTC');
  const ioc = await order({ ...limit, time_in_force: 'ioc' });
  const best = await order({ side: 'bid', ord_type: 'best', price: '5000000', time_in_force: 'ioc' });
  const resting = await order({ ...limit, price: '140000000', time_in_force: 'post_only' });

  for (const nothing of [fok, crossing, bestFok]) {
    expect([nothing.state, nothing.executed_volume, nothing.trades]).toEqual(['cancel', '0', []]);
  }
  expect(untouched).toEqual([first.executed_volume, '0']);
  expect([ioc.state, prices(ioc)]).toEqual(['cancel', [Number(ask)]]);
  expect(Number(ioc.remaining_volume)).toBeGreaterThan(0);
  expect(best.state).toBe('cancel');
  expect(prices(best)).toHaveLength(1);
  // The level at `ask` was emptied by the ioc order.
  expect(prices(best)[0]).toBeGreaterThan(Number(ask));
  expect([resting.state, resting.time_in_force]).toEqual(['wait', 'post_only']);
  expect((await balance('KRW'))[1]).toBe(resting.locked);
});

test.each([
  ['levels', THIN_BOOK],
  ['endless', undefined],
] as const)('wrong combinations are refused by the same names: %s', async (_name, book) => {
  const { post } = await open({ book });
  const limit = { side: 'bid', ord_type: 'limit', price: '140000000', volume: '0.001' };
  const reasons = async (...bodies: Body[]) => Promise.all(bodies.map(async (body) => refusal(await post(body))[1]));

  expect(
    await reasons(
      { side: 'bid', ord_type: 'best', price: '10000' },
      { side: 'bid', ord_type: 'best', price: '10000', time_in_force: 'post_only' },
      { side: 'bid', ord_type: 'price', price: '10000', time_in_force: 'ioc' },
      { ...limit, time_in_force: 'gtc' },
      { ...limit, time_in_force: 'post_only', smp_type: 'reduce' },
      { ...limit, smp_type: 'cancel' },
      { side: 'ask', ord_type: 'best', price: '10000', time_in_force: 'ioc' },
      { side: 'bid', ord_type: 'best', price: '10000', volume: '1', time_in_force: 'ioc' },
      { side: 'bid', ord_type: 'best', price: '4999', time_in_force: 'ioc' },
      { side: 'ask', ord_type: 'best', volume: '0.00001', time_in_force: 'fok' },
    ),
  ).toEqual([
    'invalid_time_in_force',
    'invalid_time_in_force',
    'invalid_time_in_force',
    'invalid_time_in_force',
    'invalid_post_only',
    'invalid_parameter',
    'create_ask_error',
    'create_bid_error',
    'under_min_total_bid',
    'under_min_total_market_ask',
  ]);
});

test('a resting order is filled in parts as the feed trades; its cancellation answers wait and frees the rest', async () => {
  const { order, call, wall, balance, url } = await open();
  const [newest] = (await (await fetch(`${url}/v1/trades/ticks?market=KRW-BTC`)).json()) as { trade_price: number }[];
  const bid = { side: 'bid', ord_type: 'limit', price: String(newest?.trade_price), volume: '0.06', smp_type: 'none' };
  let shown = await order({ ...bid, identifier: 'parts' });
  const arrived = shown.executed_volume;
  for (let seconds = 0; seconds < 600 && shown.executed_volume === arrived; seconds += 3) {
    wall.pass(3_000);
    shown = (await call('GET', '/v1/order', 'identifier=parts')).json;
  }

  expect([shown.state, Number(shown.executed_volume) > Number(arrived)]).toEqual(['wait', true]);
  const [, locked] = await balance('KRW');
  expect(locked).toBe(new Exact(shown.remaining_volume).times(bid.price).times('1.0005').toFixed());
  const answered = await call('DELETE', '/v1/order', 'identifier=parts');
  const after = (await call('GET', '/v1/order', 'identifier=parts')).json;
  expect([answered.json.state, after.state, after.executed_volume]).toEqual(['wait', 'cancel', shown.executed_volume]);
  expect(await balance('KRW')).toEqual([new Exact(10_000_000).minus(fundsOf(after).times('1.0005')).toFixed(), '0']);
});

test('an order that meets one of ours takes it out of the book, and both say what was prevented', async () => {
  const { order, call, balance } = await open();
  const coins = await order({ side: 'bid', ord_type: 'price', price: '1000000' });
  const price = String((prices(coins)[0] as number) - 1_000);
  const maker = await order({ side: 'bid', ord_type: 'limit', price, volume: '0.01' });

  const taker = await order({ side: 'ask', ord_type: 'market', volume: coins.executed_volume });

  const met = (await call('GET', '/v1/order', `uuid=${maker.uuid}`)).json;
  const freed = new Exact(price).times('0.01').times('1.0005').toFixed();
  expect([maker.state, met.state, met.trades]).toEqual(['wait', 'cancel', []]);
  expect([met.prevented_volume, met.prevented_locked, met.remaining_volume, met.locked]).toEqual([
    '0.01',
    freed,
    '0',
    '0',
  ]);
  expect([taker.state, taker.prevented_volume, taker.prevented_locked]).toEqual(['done', '0', '0']);
  expect(Math.max(...prices(taker))).toBeLessThan(Number(price));
  expect((await balance('KRW'))[1]).toBe('0');
});

test('the same orders at the same market times are answered by the same bytes; another seed has another book', async () => {
  const run = async (seed: number) => {
    const { order, call, wall } = await open({ seed });
    await order({ side: 'bid', ord_type: 'price', price: '2000000' });
    const near = await order({ side: 'bid', ord_type: 'limit', price: '150030000', volume: '0.03' });
    for (let minute = 0; minute < 10; minute += 1) wall.pass(60_000);
    await order({ side: 'ask', ord_type: 'market', volume: '0.005' });
    const closed = await call('GET', '/v1/orders/closed', 'order_by=asc');
    const accounts = await call('GET', '/v1/accounts');
    return JSON.stringify([closed.json, near, accounts.json]);
  };

  const once = await run(1);

  expect(await run(1)).toBe(once);
  expect(await run(2)).not.toBe(once);
});

test('the order book is sorted, uncrossed and summed up over all thirty prices, however few are asked for', async () => {
  const { url } = await open();
  const read = (query: string) => get(`${url}/v1/orderbook?${query}`);

  const [book] = (await read('markets=KRW-BTC')).json;
  const [cut] = (await read('markets=KRW-BTC&count=3')).json;
  const units: Unit[] = book.orderbook_units;

  expect([book.market, book.level, units.length]).toEqual(['KRW-BTC', 0, 30]);
  expect(units.map((unit) => unit.ask_price)).toEqual(
    [...new Set(units.map((unit) => unit.ask_price))].sort((a, b) => a - b),
  );
  expect(units.map((unit) => unit.bid_price)).toEqual(
    [...new Set(units.map((unit) => unit.bid_price))].sort((a, b) => b - a),
  );
  expect(units[0]?.bid_price).toBeLessThan(units[0]?.ask_price ?? 0);
  expect(sum(units.map((unit) => String(unit.ask_size))).toNumber()).toBe(book.total_ask_size);
  expect(sum(units.map((unit) => String(unit.bid_size))).toNumber()).toBe(book.total_bid_size);
  expect(cut).toEqual({ ...book, orderbook_units: units.slice(0, 3) });
  expect((await read('markets=KRW-BTC&level=10000')).json).toEqual([]);
  expect(refusal(await read('count=3'))).toEqual([400, 400]);
  expect(refusal(await read('markets=KRW-BTC&count=0'))).toEqual([400, 400]);
  expect(refusal(await read('markets=KRW-BTC&count=x'))).toEqual([400, 400]);
  expect(refusal(await read('markets=KRW-BTC,KRW-NONE'))).toEqual([404, 404]);
});

test('orders trade what the book shows and stand in it themselves; without a book there is none to ask for', async () => {
  const { units, order } = await open();
  const [first, second] = await units();
  if (first === undefined || second === undefined) throw new Error('the book is empty');

  const bid = { side: 'bid', ord_type: 'limit', volume: String(first.ask_size), time_in_force: 'ioc' };
  const taken = await order({ ...bid, price: String(first.ask_price) });
  expect([taken.state, prices(taken)]).toEqual(['done', [first.ask_price]]);
  expect((await units())[0]?.ask_price).toBe(second.ask_price);

  const inside = { side: 'bid', ord_type: 'limit', price: String(first.ask_price), volume: '0.0123' };
  await order({ ...inside, price: String(first.bid_price + 1_000) });
  expect((await units())[0]).toMatchObject({ bid_price: first.bid_price + 1_000, bid_size: 0.0123 });

  const endless = await open({ book: undefined });
  expect((await get(`${endless.url}/v1/orderbook?markets=KRW-BTC`)).status).toBe(404);
});

test('the order book shows no order that the market has already filled', async () => {
  const { units, order, wall, balance } = await open();
  const [best] = await units();
  const price = String((best?.bid_price ?? 0) + 1_000);
  const mine = await order({ side: 'bid', ord_type: 'limit', price, volume: '0.001' });
  wall.pass(20 * 60_000);

  const unsigned = await units();

  expect([mine.state, await balance('KRW')]).toEqual(['wait', [expect.any(String), '0']]);
  expect(unsigned).toEqual(await units());
});
