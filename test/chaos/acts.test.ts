import { expect, test } from 'vitest';
import { readHalt } from './acts.ts';

const document = (proven: boolean) => JSON.stringify({ state: 'halted', proven });

test('a halt that ends with 1 and says that it is halted has halted, and is not proven', () => {
  expect(readHalt({ code: 0, stdout: document(true), stderr: '' })).toMatchObject({ isHalted: true, proven: true });
  expect(readHalt({ code: 1, stdout: document(false), stderr: '' })).toMatchObject({ isHalted: true, proven: false });
});

test('a halt that could not halt has failed, in its own words', () => {
  expect(readHalt({ code: 1, stdout: '', stderr: 'trading is NOT halted: a transaction holds it\n' })).toEqual({
    isHalted: false,
    proven: false,
    problem: 'exit 1: trading is NOT halted: a transaction holds it',
  });
});
