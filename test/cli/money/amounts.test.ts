import { describe, expect, it } from 'vitest';
import { coinsAboveZero, krwAmount, krwNotBelowZero, nonZeroCoins, nonZeroKrw } from '../../../cli/money/amounts.ts';

/** What the parser makes of the text, or why it does not. */
function read(parse: (text: string) => string, text: string): string {
  try {
    return parse(text);
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an amount as typed', () => {
  it.each([
    [krwAmount, '1000000', '1000000'],
    [krwAmount, '-0.50', '-0.5'],
    [krwAmount, '007', '7'],
    [krwAmount, '-0.0', '0'],
    [krwAmount, '999999999999999.12345678', '999999999999999.12345678'],
    [nonZeroKrw, '-1', '-1'],
    [krwNotBelowZero, '0', '0'],
    [coinsAboveZero, '0.00000001', '0.00000001'],
    [nonZeroCoins, '-0.25', '-0.25'],
  ])('%o of "%s" is %s', (parse, text, value) => {
    expect(read(parse, text)).toBe(value);
  });

  it.each([
    [krwAmount, '', /must be a decimal number of KRW like 1000000/],
    [krwAmount, '1,000', /without separators or unit/],
    [krwAmount, '1e6', /must be a decimal number/],
    [krwAmount, '5000KRW', /must be a decimal number/],
    [krwAmount, '.5', /must be a decimal number/],
    [krwAmount, '1.', /must be a decimal number/],
    [krwAmount, 'NaN', /must be a decimal number/],
    [krwAmount, '１０００', /must be a decimal number/],
    [krwAmount, '1.123456789', /has 9 decimals; KRW are given with 8 at most/],
    [krwAmount, '1234567890123456', /has 16 digits before the point; 15 at most/],
    [nonZeroKrw, '-0.000', /must not be 0 KRW: nothing would move/],
    [krwNotBelowZero, '-0.01', /must not be below 0/],
    [coinsAboveZero, '0', /must be above 0 coins/],
    [coinsAboveZero, '-1', /must be above 0 coins/],
    [coinsAboveZero, '0.123456789', /has 9 decimals; coins are given with 8 at most/],
    [nonZeroCoins, '0.0', /must not be 0 coins/],
  ])('%o refuses "%s", saying why', (parse, text, why) => {
    expect(read(parse, text)).toMatch(why);
  });
});
