import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('a run that brings no order to its end is not one', () => {
  expect(() => readOptions(['--only', 'faults', '--cycles', '0'])).toThrow('--cycles "0" must be a whole number, 1 to');
  expect(readOptions(['--cycles', '60'])).toMatchObject({ cycles: 60 });
});
