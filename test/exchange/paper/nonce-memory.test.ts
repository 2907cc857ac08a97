import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { NonceMemory } from '../../../exchange/paper/auth/nonce-memory.ts';

test('a nonce is new once, and again when so many others came after it', () => {
  const memory = new NonceMemory(3);

  expect(['a', 'b', 'c', 'a'].map((nonce) => memory.use(nonce))).toEqual([true, true, true, false]);
  expect(memory.use('d')).toBe(true);
  expect(['b', 'c', 'd'].map((nonce) => memory.use(nonce))).toEqual([false, false, false]);
  expect(memory.use('a')).toBe(true);
  expect(memory.use('b')).toBe(true);
});

/** What is in use, without what is only not collected yet. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

test('long nonces are told apart by their last character, and take no memory for their length', () => {
  const memory = new NonceMemory(2_000);
  const long = (index: number) => Buffer.from(`${'n'.repeat(12_000)}${index}`).toString();
  const before = heapInUse();

  const areNew = Array.from({ length: 2_000 }, (_, index) => memory.use(long(index)));

  // Kept as they came they would be 24 MB.
  expect(heapInUse() - before).toBeLessThan(6_000_000);
  expect(areNew).not.toContain(false);
  expect([0, 1_000, 1_999].map((index) => memory.use(long(index)))).toEqual([false, false, false]);
});
