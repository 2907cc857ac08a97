import { expect, test } from 'vitest';
import { readHalt, wordsOfHalt } from './acts.ts';

const document = (proven: boolean) =>
  JSON.stringify({ state: 'halted', proven, not_known: proven ? [] : [{ about: 'an order', problem: 'not found' }] });

test('a halt that ends with 1 and says that it is halted has halted, and is not proven', () => {
  expect(readHalt({ code: 0, stdout: document(true), stderr: '' })).toMatchObject({ isHalted: true, proven: true });
  const unproven = readHalt({ code: 1, stdout: document(false), stderr: '' });
  expect(unproven).toMatchObject({ isHalted: true, proven: false, notKnown: ['an order: not found'] });
  expect(wordsOfHalt({ ...unproven, halted: { from: 1, until: 2 } })).toBe(
    'halted, and not known: an order: not found',
  );
});

test('a halt that could not halt has failed, in its own words', () => {
  expect(readHalt({ code: 1, stdout: '', stderr: 'trading is NOT halted: a transaction holds it\n' })).toEqual({
    isHalted: false,
    proven: false,
    notKnown: [],
    problem: 'exit 1: trading is NOT halted: a transaction holds it',
  });
});
