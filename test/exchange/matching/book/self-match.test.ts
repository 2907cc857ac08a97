import { describe, expect, test } from 'vitest';
import { selfMatchOf } from '../../../../exchange/matching/book/self-match.ts';
import { Exact } from '../../../../exchange/matching/exact.ts';
import type { OrderRequest } from '../../../../exchange/matching/order.ts';
import { BTC } from '../account.ts';
import { bookScene, fillsOf, levelOf, sum } from './scene.ts';

const RICH = { KRW: '100000000000', BTC: '1000000' };

/** Our ask of 100 coins is alone at the best price, 1001; others follow. */
function ownAskFirst() {
  const scene = bookScene(RICH, '1002', { spreadPpm: 3_000 });
  // A spread of several ticks, so that there is room for an order of ours inside of it.
  const best = levelOf(scene.background('ask'), 0);
  const price = sum(best.price, '-1');
  const maker = scene.order(scene.submit({ side: 'ask', price, volume: '100' }));
  if (maker.state !== 'wait') throw new Error('the ask of this scene must rest');
  return { scene, maker, price, next: best };
}

describe('where an order meets one of ours, its own smp_type decides', () => {
  test.each([
    ['cancel_maker', { smpType: 'cancel_maker' }],
    ['nothing said, which means the same', {}],
  ] as [string, Partial<OrderRequest>][])('%s: the resting one goes, the arriving one trades on', (_name, smp) => {
    const { scene, maker, next } = ownAskFirst();

    const taker = scene.order(scene.submit({ price: next.price, volume: '10', ...smp }));

    expect([maker.state, scene.prevented(maker), scene.locked(maker)]).toEqual(['cancel', ['100', '100'], '0']);
    expect([taker.state, fillsOf(taker), scene.prevented(taker)]).toEqual(['done', [[next.price, '10']], ['0', '0']]);
    expect(scene.balance('BTC')).toEqual(['1000010', '0']);
  });

  test('cancel_taker: the resting one stays, the arriving one goes', () => {
    const { scene, maker, price, next } = ownAskFirst();

    const taker = scene.order(scene.submit({ price: next.price, volume: '10', smpType: 'cancel_taker' }));

    expect([maker.state, taker.state, taker.fills.length]).toEqual(['wait', 'cancel', 0]);
    // Ten coins at the taker's limit, with the fee.
    expect(scene.prevented(taker)).toEqual(['10', new Exact(next.price).times('10.005').toFixed()]);
    expect(scene.balance('KRW')).toEqual([RICH.KRW, '0']);
    expect(levelOf(scene.shown().asks, 0)).toEqual({ price, volume: '100' });
  });

  test('cancel_taker keeps what it traded before it met the resting one', () => {
    const scene = bookScene(RICH);
    const [first, second] = [levelOf(scene.background('ask'), 0), levelOf(scene.background('ask'), 1)];
    const maker = scene.order(scene.submit({ side: 'ask', price: second.price, volume: '5' }));

    const volume = sum(first.volume, second.volume, '2');
    const taker = scene.order(scene.submit({ price: second.price, volume, smpType: 'cancel_taker' }));

    // Others were at the second price before our ask.
    expect(fillsOf(taker)).toEqual([
      [first.price, first.volume],
      [second.price, second.volume],
    ]);
    expect([taker.state, scene.prevented(taker)[0], maker.state, scene.ahead(maker)]).toEqual([
      'cancel',
      '2',
      'wait',
      '0',
    ]);
  });

  test.each([
    ['the arriving one is smaller', '30', ['wait', ['30', '30']], ['cancel', '30']],
    ['both are equal', '100', ['cancel', ['100', '100']], ['cancel', '100']],
  ] as const)('reduce, %s: both are less by what they share, and nothing trades', (_name, volume, ofMaker, ofTaker) => {
    const { scene, maker, next } = ownAskFirst();

    const taker = scene.order(scene.submit({ price: next.price, volume, smpType: 'reduce' }));

    expect([maker.state, scene.prevented(maker)]).toEqual(ofMaker);
    expect([taker.state, scene.prevented(taker)[0]]).toEqual(ofTaker);
    // At its own limit, which is what it had locked, though they met at a better price.
    expect(scene.prevented(taker)[1]).toBe(new Exact(next.price).times(volume).times('1.0005').toFixed());
    expect([maker.fills.length, taker.fills.length]).toEqual([0, 0]);
    expect(scene.balance('KRW')).toEqual([RICH.KRW, '0']);
    expect(scene.balance('BTC')[1]).toBe(maker.state === 'wait' ? '70' : '0');
  });

  test('reduce, the arriving one is bigger: it goes on with the rest', () => {
    const { scene, maker, next } = ownAskFirst();

    const taker = scene.order(scene.submit({ price: next.price, volume: '103', smpType: 'reduce' }));

    expect([maker.state, fillsOf(taker), scene.prevented(taker)[0]]).toEqual(['cancel', [[next.price, '3']], '100']);
    // Part of it was never traded, so it is not done.
    expect(taker.state).toBe('cancel');
  });

  test('reduce frees the KRW of a market buy at the price where they met', () => {
    const { scene, price } = ownAskFirst();

    const taker = scene.order(scene.submit({ type: 'price', price: String(Number(price) * 20), smpType: 'reduce' }));

    expect([taker.state, taker.fills.length]).toEqual(['cancel', 0]);
    expect(scene.prevented(taker)).toEqual(['20', new Exact(price).times('20.01').toFixed()]);
    expect(scene.balance('KRW')).toEqual([RICH.KRW, '0']);
  });

  test('cancel_taker frees all KRW of a market buy and names no coins', () => {
    const { scene } = ownAskFirst();

    const taker = scene.order(scene.submit({ type: 'price', price: '20000', smpType: 'cancel_taker' }));

    expect([taker.state, scene.prevented(taker)]).toEqual(['cancel', ['0', '20010']]);
    expect(scene.balance('KRW')).toEqual([RICH.KRW, '0']);
  });

  test('none: they trade with each other and both pay', () => {
    const { scene, maker, price, next } = ownAskFirst();

    const taker = scene.order(scene.submit({ price: next.price, volume: '40', smpType: 'none' }));

    expect([fillsOf(maker), fillsOf(taker)]).toEqual([[[price, '40']], [[price, '40']]]);
    expect([maker.state, taker.state]).toEqual(['wait', 'done']);
    expect(new Set([maker.fills[0]?.uuid, taker.fills[0]?.uuid]).size).toBe(2);
    expect(scene.balance('BTC')).toEqual(['999940', '60']);
    expect(maker.paidFee.toFixed()).toBe(taker.paidFee.toFixed());
  });

  test('the resting order’s own word counts for nothing', () => {
    const scene = bookScene(RICH, '1002', { spreadPpm: 3_000 });
    const best = levelOf(scene.background('ask'), 0);
    const price = sum(best.price, '-1');
    const maker = scene.order(scene.submit({ side: 'ask', price, volume: '100', smpType: 'cancel_maker' }));

    scene.submit({ price, volume: '40', smpType: 'none' });

    expect([maker.state, fillsOf(maker)]).toEqual(['wait', [[price, '40']]]);
  });

  test('no other order of ours is touched than those the walk reaches', () => {
    const { scene, maker, price, next } = ownAskFirst();
    const behind = scene.order(scene.submit({ side: 'ask', price: next.price, volume: '5' }));

    scene.submit({ price, volume: '10', smpType: 'cancel_maker' });

    expect([maker.state, behind.state]).toEqual(['cancel', 'wait']);
  });
});

describe('orders that must not trade in part', () => {
  test('a fok that would be reduced is refused, and the resting one keeps all', () => {
    const { scene, maker, next } = ownAskFirst();

    const taker = scene.order(
      scene.submit({ price: next.price, volume: '101', timeInForce: 'fok', smpType: 'reduce' }),
    );

    expect([taker.state, scene.prevented(taker), maker.state, scene.prevented(maker)]).toEqual([
      'cancel',
      ['0', '0'],
      'wait',
      ['0', '0'],
    ]);
  });

  test('a fok that fills without the resting one cancels it', () => {
    const { scene, maker, next } = ownAskFirst();

    const taker = scene.order(scene.submit({ price: next.price, volume: '10', timeInForce: 'fok' }));

    expect([taker.state, maker.state]).toEqual(['done', 'cancel']);
  });

  test('post_only is cancelled by an order of ours as by any', () => {
    const { scene, maker, price } = ownAskFirst();

    const taker = scene.order(scene.submit({ price, volume: '10', timeInForce: 'post_only' }));

    expect([taker.state, maker.state]).toEqual(['cancel', 'wait']);
  });
});

test('an order that says nothing means cancel_maker, a post_only none, and one that says something that', () => {
  const limit: OrderRequest = { market: BTC, side: 'bid', type: 'limit', price: '1001', volume: '10' };

  expect(selfMatchOf(limit)).toBe('cancel_maker');
  expect(selfMatchOf({ ...limit, timeInForce: 'ioc' })).toBe('cancel_maker');
  expect(selfMatchOf({ ...limit, timeInForce: 'post_only' })).toBe('none');
  expect(selfMatchOf({ ...limit, smpType: 'reduce' })).toBe('reduce');
});

test('a reduced order is done when the rest of it trades', () => {
  const { scene, maker, price } = ownAskFirst();
  scene.submit({ price, volume: '30', smpType: 'reduce' });

  scene.trade(price, '70', 'bid');

  expect([maker.state, fillsOf(maker), scene.locked(maker)]).toEqual(['done', [[price, '70']], '0']);
  expect(scene.balance('BTC')).toEqual(['999930', '0']);
});

test('others who came to the price of our order later stand behind it', () => {
  const { scene, maker, price } = ownAskFirst();
  // A buyer takes a little there, and others offer at that price from now on.
  scene.trade(price, '0.5', 'bid');

  const taker = scene.order(scene.submit({ price, volume: '110', smpType: 'none' }));

  expect(levelOf(scene.background('ask'), 0).price).toBe(price);
  expect(fillsOf(taker)).toEqual([
    [price, '99.5'],
    [price, '10.5'],
  ]);
  expect([maker.state, taker.state]).toEqual(['done', 'done']);
  // Nothing was ahead of our order, so nothing about its place is written down.
  expect(scene.events.filter(({ type }) => type === 'passed' || type === 'queued')).toEqual([]);
});
