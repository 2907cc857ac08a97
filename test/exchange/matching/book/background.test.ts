import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { backgroundLevels, type Print, volumeBeyond } from '../../../../exchange/matching/book/background.ts';
import { type BookParameters, USUAL_BOOK } from '../../../../exchange/matching/book/parameters.ts';
import { decimalOf } from '../../../../exchange/matching/book/units.ts';
import { gridPrice } from '../../../../exchange/numbers/grid-price.ts';
import { isOnTick } from '../../../../strategy/tick-size.ts';
import { BTC } from '../account.ts';
import { units } from './scene.ts';

const PARAMETERS: BookParameters = { seed: 7, ...USUAL_BOOK };
const print: Print = { market: BTC, at: 1_735_702_444_500, price: units('149322000'), volume: 1n, taker: 'bid' };
const sideOf = (side: 'bid' | 'ask', of: Partial<Print> = {}, parameters: Partial<BookParameters> = {}) => [
  ...backgroundLevels({ ...print, ...of }, side, { ...PARAMETERS, ...parameters }),
];
const best = (side: 'bid' | 'ask', of: Partial<Print> = {}, parameters: Partial<BookParameters> = {}) =>
  decimalOf(sideOf(side, of, parameters)[0]?.price ?? 0n).toFixed();

test('whatever the print, both sides lie around it on the grid, at least a tick apart, in order and of some size', () => {
  fc.assert(
    fc.property(
      fc.record({
        price: fc.bigInt({ min: 1n, max: 10n ** 17n }),
        onGrid: fc.boolean(),
        at: fc.integer({ min: 0, max: 4_102_444_800_000 }),
        taker: fc.constantFrom('bid' as const, 'ask' as const),
        seed: fc.nat(),
        spreadPpm: fc.nat(20_000),
        spacingPpm: fc.nat(20_000),
        depthKrw: fc.nat(1_000_000_000),
        growthPercent: fc.nat(100),
      }),
      ({ price: any, onGrid, at, taker, ...parameters }) => {
        const price = onGrid ? gridPrice(any) : any;
        const of = { market: BTC, at, price, volume: 1n, taker };
        const bids = [...backgroundLevels(of, 'bid', parameters)];
        const asks = [...backgroundLevels(of, 'ask', parameters)];

        expect(asks).toHaveLength(30);
        expect((bids[0]?.price ?? 0n) <= price && price <= (asks[0]?.price ?? 0n)).toBe(true);
        if (bids[0] !== undefined) expect(gridPrice(bids[0].price + 1n, 'up') <= (asks[0]?.price ?? 0n)).toBe(true);
        for (const [side, direction] of [
          [bids, -1n],
          [asks, 1n],
        ] as const) {
          side.forEach((level, index) => {
            expect(level.volume > 0n && level.price > 0n && isOnTick(decimalOf(level.price))).toBe(true);
            const before = side[index - 1];
            if (before !== undefined) expect((level.price - before.price) * direction > 0n).toBe(true);
          });
        }
      },
    ),
    { numRuns: 300, seed: 20_260_101 },
  );
});

describe('where the print happened', () => {
  test.each([
    ['a buyer took the best ask', { taker: 'bid' }, undefined, '149322000'],
    ['a seller took the best bid', { taker: 'ask' }, '149322000', undefined],
    ['a price off the grid lies between', { taker: 'ask', price: units('149322500') }, '149322000', '149323000'],
    ['the same for a buyer', { taker: 'bid', price: units('149322500') }, '149322000', '149323000'],
  ] as const)('%s', (_name, of, bid, ask) => {
    const narrow = { spreadPpm: 0 };

    if (bid !== undefined) expect(best('bid', of, narrow)).toBe(bid);
    if (ask !== undefined) expect(best('ask', of, narrow)).toBe(ask);
  });

  test('without a spread both sides are one tick apart, across a change of the tick as well', () => {
    expect(best('bid', { price: units('1000000') }, { spreadPpm: 0 })).toBe('999500');
    expect(best('ask', { price: units('999500'), taker: 'ask' }, { spreadPpm: 0 })).toBe('1000000');
  });

  test('bids end where prices do', () => {
    const bids = sideOf('bid', { price: 3n, taker: 'ask' }, { spacingPpm: 0 });

    expect(bids.map(({ price }) => price)).toEqual([3n, 2n, 1n]);
  });
});

describe('the parameters are means', () => {
  const prints = Array.from({ length: 2_000 }, (_, index) => ({ at: 1_735_702_441_500 + index * 3_000 }));
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const price = 149_322_000e8;

  test('of the spread, with a tick added for rounding to the grid', () => {
    const spreads = prints.map(
      (of) => Number((print.price - (sideOf('bid', of)[0]?.price ?? 0n)) * 1_000_000n) / price,
    );

    expect(mean(spreads)).toBeGreaterThan(50);
    expect(mean(spreads)).toBeLessThan(58);
  });

  test('of the worth of a level, which grows with its distance', () => {
    const worth = (index: number) =>
      mean(
        prints.map((of) => {
          const level = sideOf('ask', of)[index];
          return level === undefined ? 0 : Number(level.price * level.volume) / 1e16;
        }),
      );

    expect(worth(0) / 10_000_000).toBeCloseTo(1, 1);
    expect(worth(20) / worth(0)).toBeCloseTo(2, 0);
  });
});

test('the same seed, market and print give the same book; another of any gives another', () => {
  const base = sideOf('ask');

  expect(sideOf('ask')).toEqual(base);
  expect(sideOf('ask', {}, { seed: 8 })).not.toEqual(base);
  expect(sideOf('ask', { at: print.at + 3_000 })).not.toEqual(base);
  expect(sideOf('ask', { at: print.at + 2 ** 32 })).not.toEqual(base);
  expect(sideOf('ask', { market: parseMarket('KRW-ETH') })).not.toEqual(base);
  // What a print traded is over; the book does not depend on it.
  expect(sideOf('ask', { volume: 99n })).toEqual(base);
});

test('past the last level others keep as much as they would have behind it, the same at any time', () => {
  const far = units('140000000');
  const beyond = volumeBeyond(print, 'bid', far, PARAMETERS);

  expect(beyond > 0n).toBe(true);
  expect(volumeBeyond({ ...print, at: 5, price: units('150000000') }, 'bid', far, PARAMETERS)).toBe(beyond);
  expect(volumeBeyond(print, 'bid', far - units('1000'), PARAMETERS)).not.toBe(beyond);
  expect(volumeBeyond(print, 'bid', far, { ...PARAMETERS, seed: 8 })).not.toBe(beyond);
});
