import { describe, expect, test } from 'vitest';
import { isOnTick, roundDownToTick, roundUpToTick, tickSize } from '../../strategy/tick-size.ts';

describe('tickSize', () => {
  test.each([
    ['173230000', '1000'],
    ['2000000', '1000'],
    ['1999999', '1000'],
    ['1000000', '1000'],
    ['999999.5', '500'],
    ['500000', '500'],
    ['499999', '100'],
    ['100000', '100'],
    ['99950', '50'],
    ['50000', '50'],
    ['49990', '10'],
    ['10000', '10'],
    ['9995', '5'],
    ['5000', '5'],
    ['4999', '1'],
    ['1000', '1'],
    ['100', '1'],
    ['99.9', '0.1'],
    ['10', '0.1'],
    ['9.99', '0.01'],
    ['1', '0.01'],
    ['0.999', '0.001'],
    ['0.1', '0.001'],
    ['0.01', '0.0001'],
    ['0.001', '0.00001'],
    ['0.0001', '0.000001'],
    ['0.00001', '0.0000001'],
    ['0.00000999', '0.00000001'],
  ])('at %s won is %s won', (price, tick) => {
    expect(tickSize(price).toFixed()).toBe(tick);
  });
});

test.each([
  ['150803000', '150803000', '150803000'],
  ['151029204.5', '151030000', '151029000'],
  ['999999', '1000000', '999500'],
  ['9998', '10000', '9995'],
  ['3868.0000000000000000000001', '3869', '3868'],
  ['99.95', '100', '99.9'],
  ['0.00000000049', '0.00000001', '0'],
])('%s won rounds up to %s and down to %s', (price, up, down) => {
  expect(roundUpToTick(price).toFixed()).toBe(up);
  expect(roundDownToTick(price).toFixed()).toBe(down);
});

test('a price is on the grid when it is a multiple of its own tick', () => {
  expect(isOnTick('100000')).toBe(true);
  expect(isOnTick('100050')).toBe(false);
  expect(isOnTick('99950')).toBe(true);
  expect(isOnTick('0.12345')).toBe(false);
});
