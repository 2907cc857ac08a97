import { describe, expect, test } from 'vitest';
import { Exact } from '../../../../exchange/matching/exact.ts';
import { bookScene, fillsOf, levelOf, sum } from './scene.ts';

const RICH = { KRW: '100000000000', BTC: '1000000' };

describe('where an order comes to rest', () => {
  test('at a level, what others have there is ahead of it', () => {
    const scene = bookScene(RICH);
    const third = levelOf(scene.background('bid'), 2);

    const order = scene.order(scene.submit({ price: third.price, volume: '10' }));

    expect(scene.ahead(order)).toBe(third.volume);
    expect(levelOf(scene.shown().bids, 2)).toEqual({ price: third.price, volume: sum(third.volume, '10') });
  });

  test('inside the spread it is the first', () => {
    const scene = bookScene(RICH, '149322000');
    const best = levelOf(scene.background('bid'), 0);
    const price = sum(best.price, '1000');

    const order = scene.order(scene.submit({ price, volume: '1' }));

    expect(scene.ahead(order)).toBe('0');
    expect(levelOf(scene.shown().bids, 0)).toEqual({ price, volume: '1' });
  });

  test('past the last level it waits behind what others keep there', () => {
    const scene = bookScene(RICH, '149322000');

    const order = scene.order(scene.submit({ price: '100000000', volume: '1' }));

    expect(new Exact(scene.ahead(order) ?? 0).gt(0)).toBe(true);
    // Its own price is shown only when it is among the best thirty.
    expect(scene.shown().bids).toEqual(scene.background('bid'));
  });

  test('what our orders took there is not ahead of it', () => {
    const scene = bookScene(RICH);
    const first = levelOf(scene.background('bid'), 0);
    scene.submit({ side: 'ask', type: 'market', volume: '10' });

    const order = scene.order(scene.submit({ price: first.price, volume: '10' }));

    expect(scene.ahead(order)).toBe(sum(first.volume, '-10'));
  });

  test('where our orders took all there was, it is the first', () => {
    const scene = bookScene(RICH, '1000', { depthKrw: 100_000 });
    const third = levelOf(scene.background('bid'), 2);
    const all = scene.background('bid').map(({ volume }) => volume?.toFixed() ?? '0');
    scene.submit({ side: 'ask', type: 'market', volume: sum(...all) });

    const order = scene.order(scene.submit({ price: third.price, volume: '10' }));

    expect(scene.ahead(order)).toBe('0');
    expect(levelOf(scene.shown().bids, 0)).toEqual({ price: third.price, volume: '10' });
  });

  test('a younger order is never ahead of an older one, even where less is left at the price', () => {
    const scene = bookScene(RICH);
    const first = levelOf(scene.background('bid'), 0);
    const older = scene.order(scene.submit({ price: first.price, volume: '10' }));
    // The next prints leave the price between two levels, where a newcomer would be the first.
    scene.trade(sum(first.price, '1'), '1', 'ask');

    const younger = scene.order(scene.submit({ price: first.price, volume: '10' }));

    expect(new Exact(scene.ahead(younger) ?? -1).gte(scene.ahead(older) ?? 0)).toBe(true);
  });
});

describe('a trade of the feed at the price of an order', () => {
  test('goes to others ahead first, then to the order in part, then fills it', () => {
    const scene = bookScene(RICH);
    const { price, volume } = levelOf(scene.background('bid'), 0);
    const order = scene.order(scene.submit({ price, volume: '10' }));

    scene.trade(price, sum(volume, '-1'));
    expect([order.state, scene.ahead(order), fillsOf(order)]).toEqual(['wait', '1', []]);
    scene.trade(price, '4');
    expect([order.state, scene.ahead(order), fillsOf(order)]).toEqual(['wait', '0', [[price, '3']]]);
    scene.trade(price, '100');

    expect([order.state, fillsOf(order)]).toEqual([
      'done',
      [
        [price, '3'],
        [price, '7'],
      ],
    ]);
  });

  test('goes to the older order before the younger one', () => {
    const scene = bookScene(RICH);
    const { price, volume } = levelOf(scene.background('bid'), 0);
    const older = scene.order(scene.submit({ price, volume: '10' }));
    const younger = scene.order(scene.submit({ price, volume: '10' }));

    scene.trade(price, sum(volume, '12'));

    expect([fillsOf(older), fillsOf(younger)]).toEqual([[[price, '10']], [[price, '2']]]);
  });

  test('a cancelled order gives its place to the next', () => {
    const scene = bookScene(RICH);
    const { price, volume } = levelOf(scene.background('bid'), 0);
    const older = scene.order(scene.submit({ price, volume: '10' }));
    const younger = scene.order(scene.submit({ price, volume: '10' }));
    scene.cancel(older);

    scene.trade(price, sum(volume, '10'));

    expect([older.state, older.fills.length, younger.state]).toEqual(['cancel', 0, 'done']);
  });

  test('asks are served alike', () => {
    const scene = bookScene(RICH);
    const { price, volume } = levelOf(scene.background('ask'), 0);
    const order = scene.order(scene.submit({ side: 'ask', price, volume: '10' }));

    scene.trade(price, sum(volume, '4'), 'bid');

    expect([order.state, fillsOf(order)]).toEqual(['wait', [[price, '4']]]);
  });
});

describe('a trade of the feed past the price of an order', () => {
  test('fills it whole at its own price, whatever was ahead and however little was traded', () => {
    const scene = bookScene(RICH);
    const order = scene.order(scene.submit({ price: '990', volume: '1000' }));

    scene.trade('989', '0.00000001');

    expect([order.state, fillsOf(order)]).toEqual(['done', [['990', '1000']]]);
  });

  test('fills the better price first, then the older order', () => {
    const scene = bookScene(RICH);
    const orders = ['980', '982', '980', '981'].map((price) => scene.order(scene.submit({ price, volume: '10' })));
    const before = scene.events.length;

    scene.trade('979', '1');

    const filled = scene.events.slice(before).flatMap((event) => (event.type === 'filled' ? [event.order] : []));
    expect(filled.map((uuid) => orders.findIndex((order) => order.uuid === uuid))).toEqual([1, 3, 0, 2]);
  });

  test('does nothing to an order that came at the same instant or is better than the market', () => {
    const scene = bookScene(RICH);
    const late = scene.order(scene.submit({ price: '990', volume: '10' }, 4_500));
    const ask = scene.order(scene.submit({ side: 'ask', price: '1020', volume: '10' }));

    scene.trade('989', '1000');

    expect([late.state, ask.state]).toEqual(['wait', 'wait']);
  });
});

test('no seller is shown at or below our bid: they would have traded with it', () => {
  const scene = bookScene(RICH);
  const [first, second] = [levelOf(scene.background('ask'), 0), levelOf(scene.background('ask'), 1)];
  const volume = sum(first.volume, second.volume, '10000');
  const order = scene.order(scene.submit({ price: second.price, volume }));

  // A buyer takes the ask at our price: others sell there, in the background.
  scene.trade(second.price, '1', 'bid');

  expect(order.state).toBe('wait');
  expect(levelOf(scene.background('ask'), 0).price).toBe(second.price);
  expect(new Exact(levelOf(scene.shown().asks, 0).price).gt(second.price)).toBe(true);
  expect(levelOf(scene.shown().bids, 0).price).toBe(second.price);
});
