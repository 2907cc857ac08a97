import { describe, expect, test } from 'vitest';
import { Exact } from '../../../../exchange/matching/exact.ts';
import type { OrderRequest } from '../../../../exchange/matching/order.ts';
import { reasonOf } from '../account.ts';
import { bookScene, fillsOf, levelOf, sum } from './scene.ts';

const RICH = { KRW: '100000000000', BTC: '1000000' };

describe('an order walks the levels of the other side', () => {
  test('a limit takes what is there up to its price and rests with what is left', () => {
    const scene = bookScene(RICH);
    const [first, second] = [levelOf(scene.background('ask'), 0), levelOf(scene.background('ask'), 1)];
    const volume = sum(first.volume, second.volume, '1');

    const order = scene.order(scene.submit({ price: second.price, volume }));

    expect(order.state).toBe('wait');
    expect(fillsOf(order)).toEqual([
      [first.price, first.volume],
      [second.price, second.volume],
    ]);
    expect(scene.ahead(order)).toBe('0');
    expect(levelOf(scene.shown().bids, 0)).toEqual({ price: second.price, volume: '1' });
  });

  test('a sale walks the bids', () => {
    const scene = bookScene(RICH);
    const [first, second] = [levelOf(scene.background('bid'), 0), levelOf(scene.background('bid'), 1)];

    const order = scene.order(scene.submit({ side: 'ask', type: 'market', volume: sum(first.volume, '0.5') }));

    expect(order.state).toBe('done');
    expect(fillsOf(order)).toEqual([
      [first.price, first.volume],
      [second.price, '0.5'],
    ]);
  });

  test('ioc cancels what is left', () => {
    const scene = bookScene(RICH);
    const first = levelOf(scene.background('ask'), 0);

    const order = scene.order(scene.submit({ price: first.price, volume: sum(first.volume, '1'), timeInForce: 'ioc' }));

    expect([order.state, order.executedVolume.toFixed()]).toEqual(['cancel', first.volume]);
    expect(scene.balance('KRW')[1]).toBe('0');
  });

  test('fok takes all or nothing, and what it leaves stays there', () => {
    const scene = bookScene(RICH);
    const first = levelOf(scene.background('ask'), 0);
    const fok = { price: first.price, timeInForce: 'fok' } as const;

    const none = scene.order(scene.submit({ ...fok, volume: sum(first.volume, '0.00000001') }));
    const whole = scene.order(scene.submit({ ...fok, volume: first.volume }));

    expect([none.state, none.fills.length]).toEqual(['cancel', 0]);
    expect([whole.state, fillsOf(whole)]).toEqual(['done', [[first.price, first.volume]]]);
  });

  test('post_only rests, or is cancelled when any part would trade', () => {
    const scene = bookScene(RICH);
    const [ask, bid] = [levelOf(scene.background('ask'), 0), levelOf(scene.background('bid'), 0)];
    const post = { volume: '100000', timeInForce: 'post_only' } as const;

    const taker = scene.order(scene.submit({ ...post, price: ask.price }));
    const maker = scene.order(scene.submit({ ...post, price: bid.price }));

    expect([taker.state, taker.fills.length]).toEqual(['cancel', 0]);
    expect([maker.state, scene.ahead(maker)]).toEqual(['wait', bid.volume]);
  });

  test('best trades at the best price alone', () => {
    const scene = bookScene(RICH);
    const first = levelOf(scene.background('bid'), 0);
    const best = { side: 'ask', type: 'best', volume: sum(first.volume, '1') } as const;

    const fok = scene.order(scene.submit({ ...best, timeInForce: 'fok' }));
    const ioc = scene.order(scene.submit({ ...best, timeInForce: 'ioc' }));

    expect([fok.state, fok.fills.length]).toEqual(['cancel', 0]);
    expect([ioc.state, fillsOf(ioc)]).toEqual(['cancel', [[first.price, first.volume]]]);
  });

  test('a market buy ends in cancel with the won back that bought nothing, to the last place', () => {
    const scene = bookScene({ KRW: '2000000000' }, '149322000');
    const [first, second] = [levelOf(scene.background('ask'), 0), levelOf(scene.background('ask'), 1)];
    const firstFunds = new Exact(first.price).times(first.volume);
    const rest = new Exact('7654.321');

    const order = scene.order(scene.submit({ type: 'price', price: firstFunds.plus(rest).toFixed() }));

    const bought = rest.div(second.price).toDecimalPlaces(8, Exact.ROUND_DOWN);
    expect(order.state).toBe('cancel');
    expect(fillsOf(order)).toEqual([
      [first.price, first.volume],
      [second.price, bought.toFixed()],
    ]);
    const spent = firstFunds.plus(bought.times(second.price));
    expect(scene.balance('KRW')).toEqual([new Exact('2000000000').minus(spent.times('1.0005')).toFixed(), '0']);
  });

  test('one that spends its total to the last place is done', () => {
    const scene = bookScene(RICH);
    const first = levelOf(scene.background('ask'), 0);

    const order = scene.order(scene.submit({ type: 'price', price: new Exact(first.price).times('7').toFixed() }));

    expect([order.state, fillsOf(order)]).toEqual(['done', [[first.price, '7']]]);
  });

  test('best and fok by total fill when the best price holds the total', () => {
    const scene = bookScene(RICH);
    const first = levelOf(scene.background('ask'), 0);
    const worth = new Exact(first.price).times(first.volume);
    const best = { type: 'best', timeInForce: 'fok' } as const;

    const tooMuch = scene.order(scene.submit({ ...best, price: worth.plus(2_000).toFixed() }));
    const fits = scene.order(scene.submit({ ...best, price: worth.minus('0.000005').toFixed() }));

    expect([tooMuch.state, tooMuch.fills.length]).toEqual(['cancel', 0]);
    expect([fits.state, fits.fills.length]).toEqual(['cancel', 1]);
  });
});

describe('what an order took', () => {
  test('stays taken until the feed trades on', () => {
    const scene = bookScene(RICH);
    const asks = scene.background('ask');
    const [first, second] = [levelOf(asks, 0), levelOf(asks, 1)];

    scene.submit({ price: first.price, volume: '10' });
    expect(levelOf(scene.shown().asks, 0)).toEqual({ price: first.price, volume: sum(first.volume, '-10') });
    scene.submit({ price: first.price, volume: sum(first.volume, '-10') });
    expect(levelOf(scene.shown().asks, 0)).toEqual(second);
    scene.trade('1000', '1', 'bid');

    expect(scene.shown().asks).toEqual(scene.background('ask'));
  });

  test('is taken of one side alone', () => {
    const scene = bookScene(RICH);
    const bids = scene.background('bid');

    scene.submit({ price: levelOf(scene.background('ask'), 0).price, volume: '10' });

    expect(scene.shown().bids).toEqual(bids);
  });
});

describe('a market order against the best thirty prices', () => {
  const worth = (scene: ReturnType<typeof bookScene>) =>
    scene.shown().asks.reduce((total, { price, volume }) => total.plus(price.times(volume ?? 0)), new Exact(0));
  const coins = (scene: ReturnType<typeof bookScene>) =>
    scene.shown().bids.reduce((total, { volume }) => total.plus(volume ?? 0), new Exact(0));

  test.each([
    ['a total that they hold', (s) => ({ type: 'price', price: worth(s).toFixed() }), 'accepted'],
    [
      'a total that they do not',
      (s) => ({ type: 'price', price: worth(s).plus('0.0001').toFixed() }),
      'create_bid_error',
    ],
    ['coins that they take', (s) => ({ side: 'ask', type: 'market', volume: coins(s).toFixed() }), 'accepted'],
    [
      'coins that they do not',
      (s) => ({ side: 'ask', type: 'market', volume: coins(s).plus('0.00000001').toFixed() }),
      'create_ask_error',
    ],
    ['a limit may be bigger', (s) => ({ side: 'ask', price: '900', volume: coins(s).plus('1').toFixed() }), 'accepted'],
  ] as [string, (scene: ReturnType<typeof bookScene>) => Partial<OrderRequest>, string][])(
    '%s',
    (_name, request, expected) => {
      const scene = bookScene(RICH, '1000', { depthKrw: 1_000_000 });

      expect(reasonOf(scene.submit(request(scene)) as never)).toBe(expected);
    },
  );

  test('a refused one burns its identifier and moves nothing', () => {
    const scene = bookScene(RICH, '1000', { depthKrw: 1_000 });
    const request = { type: 'price', price: '900000', identifier: 'big' } as const;

    const refused = scene.submit(request);
    const again = scene.submit({ ...request, price: '5000' });

    expect([reasonOf(refused as never), reasonOf(again as never)]).toEqual([
      'create_bid_error',
      'duplicated_identifier',
    ]);
    expect(scene.balance('KRW')).toEqual(['100000000000', '0']);
  });
});

describe('the rules for single orders hold in the book', () => {
  test.each([
    [
      'a market sell is valued at the best bid',
      { side: 'ask', type: 'market', volume: '5' },
      'under_min_total_market_ask',
    ],
    [
      'post_only does not go with reduce',
      { price: '900', volume: '10', timeInForce: 'post_only', smpType: 'reduce' },
      'invalid_post_only',
    ],
    ['post_only goes with none', { price: '900', volume: '10', timeInForce: 'post_only', smpType: 'none' }, 'accepted'],
    ['more won than there are', { price: '900', volume: '1000000' }, 'insufficient_funds_bid'],
    ['a price off the tick', { price: '900.5', volume: '10' }, 'invalid_price_bid'],
  ] as [string, Partial<OrderRequest>, string][])('%s', (_name, request, expected) => {
    const scene = bookScene({ KRW: '10000000', BTC: '100' });

    expect(reasonOf(scene.submit(request) as never)).toBe(expected);
  });
});

describe('what an order is locked for', () => {
  test('a resting bid locks price × volume and the fee on it', () => {
    const scene = bookScene({ KRW: '20000' }, '160000000');

    const order = scene.order(scene.submit({ price: '155772000', volume: '0.0001' }));

    expect(scene.locked(order)).toBe('15584.9886');
    expect(scene.balance('KRW')).toEqual(['4415.0114', '15584.9886']);
  });

  test('cancelling frees it, and the order leaves the book', () => {
    const scene = bookScene({ KRW: '1000000' });
    const order = scene.order(scene.submit({ price: '950', volume: '10' }));

    scene.cancel(order);

    expect(scene.balance('KRW')).toEqual(['1000000', '0']);
    expect(scene.ahead(order)).toBeUndefined();
    expect(scene.shown().bids).toEqual(scene.background('bid'));
  });
});
