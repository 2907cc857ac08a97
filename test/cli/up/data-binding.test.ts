import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  begunBook,
  checkBinding,
  type DataBinding,
  describeReplayFiles,
  saveBinding,
} from '../../../cli/up/data-binding.ts';
import { bindFolder, bindingOf } from '../../../exchange/paper/state/binding.ts';
import { binding, temporaryDirectory } from './support.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test('a directory that is not bound yet takes any feed', () => {
  expect(() => checkBinding(directory.path, binding)).not.toThrow();
});

test('a bound directory takes the same feed, files and seed again', async () => {
  const [a, b] = [join(directory.path, 'a.csv'), join(directory.path, 'b.csv')];
  writeFileSync(a, 'one');
  writeFileSync(b, 'two');
  saveBinding(directory.path, { feed: 'replay', replayFiles: await describeReplayFiles([a, b]), seed: null });

  const reversed: DataBinding = { feed: 'replay', replayFiles: await describeReplayFiles([b, a]), seed: null };

  expect(() => checkBinding(directory.path, reversed)).not.toThrow();
});

test('another seed is refused, both shown', () => {
  saveBinding(directory.path, binding);

  expect(() => checkBinding(directory.path, { ...binding, seed: 2 })).toThrow(
    `data directory ${directory.path} belongs to another feed:\n` +
      '  it holds:  --feed simulated --seed 1 --book endless\n' +
      '  asked for: --feed simulated --seed 2 --book endless\n' +
      'start with the options it holds, or choose another directory with --data-dir',
  );
});

test('another order book is refused, both shown', () => {
  const book = { spreadPpm: 50, spacingPpm: 20, depthKrw: 10_000_000, growthPercent: 5 };
  saveBinding(directory.path, { ...binding, book });

  expect(() => checkBinding(directory.path, { ...binding, book: { ...book } })).not.toThrow();
  expect(() => checkBinding(directory.path, { ...binding, book: { ...book, spreadPpm: 51 } })).toThrow('--spread 51 ');
  expect(() => checkBinding(directory.path, binding)).toThrow(
    '  it holds:  --feed simulated --seed 1 --book levels --spread 50 --depth 10000000\n' +
      '  asked for: --feed simulated --seed 1 --book endless\n',
  );
});

test('a directory goes on with its book, which a new one and one of another exchange do not have', () => {
  const book = { spreadPpm: 80, spacingPpm: 20, depthKrw: 10_000_000, growthPercent: 5 };
  expect(begunBook(directory.path)).toBeUndefined();
  saveBinding(directory.path, { ...binding, book });
  expect(begunBook(directory.path)).toEqual({ book });
  saveBinding(directory.path, binding);
  expect(begunBook(directory.path)).toEqual({ book: undefined });
  saveBinding(directory.path, { ...binding, exchange: 'https://api.upbit.com' });
  expect(begunBook(directory.path)).toBeUndefined();
});

test('a directory whose first start ended too early goes on with the book of its exchange', () => {
  const exchange = join(directory.path, 'exchange');
  mkdirSync(exchange);
  bindFolder(exchange, bindingOf({ feed: 'simulated', seed: 1 }));
  expect(begunBook(directory.path)).toEqual({ book: undefined });
});

test('a file of the same name with another content is refused', async () => {
  const file = join(directory.path, 'KRW-BTC.csv');
  writeFileSync(file, 'before');
  saveBinding(directory.path, { feed: 'replay', replayFiles: await describeReplayFiles([file]), seed: null });
  writeFileSync(file, 'after');
  const changed: DataBinding = { feed: 'replay', replayFiles: await describeReplayFiles([file]), seed: null };

  expect(() => checkBinding(directory.path, changed)).toThrow(/--replay KRW-BTC\.csv \(sha256 [0-9a-f]{12}…\)/);
});

test('a file that moved is the same file', async () => {
  mkdirSync(join(directory.path, 'elsewhere'));
  const paths = [join(directory.path, 'a.csv'), join(directory.path, 'elsewhere', 'a.csv')];
  for (const path of paths) writeFileSync(path, 'same');
  const [here, there] = await Promise.all(paths.map((path) => describeReplayFiles([path])));
  saveBinding(directory.path, { feed: 'replay', replayFiles: here ?? [], seed: null });

  expect(() => checkBinding(directory.path, { feed: 'replay', replayFiles: there ?? [], seed: null })).not.toThrow();
});

test.each(['{"feed":', '{"feed":1}', 'null'])('a damaged binding file is named with its cure: %s', (content) => {
  writeFileSync(join(directory.path, 'binding.json'), content);

  expect(() => checkBinding(directory.path, binding)).toThrow(
    /binding\.json is damaged .*restore it from a copy or choose another directory with --data-dir/,
  );
});

test('a replay file that is not there is named', async () => {
  await expect(describeReplayFiles(['/nowhere/x.csv'])).rejects.toThrow(
    'replay file /nowhere/x.csv cannot be read (ENOENT)',
  );
});

test('live prices of one source are not those of another, nor an exchange of the user’s own', () => {
  const live: DataBinding = { feed: 'upbit', replayFiles: [], seed: null, source: 'https://api.upbit.com' };
  saveBinding(directory.path, live);

  expect(() => checkBinding(directory.path, live)).not.toThrow();
  expect(() => checkBinding(directory.path, { ...live, source: 'http://127.0.0.1:8787' })).toThrow(
    '  it holds:  --feed upbit --source https://api.upbit.com --book endless\n  asked for: --feed upbit --source http://127.0.0.1:8787 --book endless\n',
  );
  const { source: _, ...own } = { ...live, exchange: 'https://api.upbit.com' };
  expect(() => checkBinding(directory.path, own)).toThrow('asked for: UPBIT_BASE_URL=https://api.upbit.com');
});

test('an exchange of the user’s own is bound by its address, whatever feed is named', () => {
  const own: DataBinding = { feed: 'upbit', replayFiles: [], seed: null, exchange: 'https://api.upbit.com' };
  saveBinding(directory.path, own);

  expect(() => checkBinding(directory.path, { ...binding, exchange: 'https://api.upbit.com' })).not.toThrow();
  expect(() => checkBinding(directory.path, binding)).toThrow(
    '  it holds:  UPBIT_BASE_URL=https://api.upbit.com\n  asked for: --feed simulated --seed 1 --book endless\n',
  );
});
