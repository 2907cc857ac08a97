import { expect, it } from 'vitest';
import { sourceOf } from '../../../cli/up/feed-choice.ts';

it('live prices are Upbit’s unless another source is named; prices made here have none', () => {
  expect(sourceOf({ feed: 'upbit' })).toBe('https://api.upbit.com');
  expect(sourceOf({ feed: 'upbit', source: 'http://localhost:8787/', speed: 1 })).toBe('http://127.0.0.1:8787');
  expect(sourceOf({ feed: 'simulated', speed: 60, spread: 50 })).toBeUndefined();
});

it('a paper exchange on this machine that plays Upbit may run faster; nobody else does', () => {
  expect(sourceOf({ feed: 'upbit', source: 'http://127.0.0.1:8787', speed: 60 })).toBe('http://127.0.0.1:8787');
  expect(() => sourceOf({ feed: 'upbit', speed: 60 })).toThrow(
    '--speed 60 does not go with --feed upbit: live prices come at speed 1',
  );
  expect(() => sourceOf({ feed: 'upbit', source: 'https://sg-api.upbit.com', speed: 2 })).toThrow('--speed 2');
});

it.each([
  [{ feed: 'upbit', spread: 50 }, '--spread does not go with --feed upbit: its order book is that of'],
  [{ feed: 'upbit', depth: 1_000 }, '--depth does not go with --feed upbit'],
  [{ feed: 'simulated', source: 'http://127.0.0.1:1' }, '--source goes with --feed upbit, not with --feed simulated'],
] as const)('%o is refused by the name of the option', (options, said) => {
  expect(() => sourceOf(options)).toThrow(said);
});
