import { fdatasync, writeSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';
import { openLedgerStore } from '../../../exchange/paper/state/ledger-store.ts';
import { watchLedger } from '../../../exchange/paper/stream/ledger-watch.ts';
import type { NewFaultRule } from '../../support/fault-control.ts';
import { openFaulty } from './faults/faulty.ts';
import { type Answer, signed, standingWall, startForTest, temporaryFolder } from './paper.ts';

// Kill -9 cannot show a missing sync, only a power cut could: so the calls themselves are watched, and held back.
vi.mock('node:fs', { spy: true });
beforeEach(() => {
  vi.mocked(fdatasync).mockReset();
  vi.mocked(writeSync).mockClear();
});

type Synced = (error: NodeJS.ErrnoException | null) => void;

/** A disk that takes nothing until it is told to. */
function heldDisk() {
  const waiting: { readonly descriptor: number; readonly synced: Synced }[] = [];
  vi.mocked(fdatasync).mockImplementation((descriptor, synced) => {
    waiting.push({ descriptor, synced });
  });
  return {
    waiting,
    /** Lets it go on as it did, and do what it was asked for. */
    release(error: NodeJS.ErrnoException | null = null): void {
      vi.mocked(fdatasync).mockImplementation((_descriptor, synced) => synced(error));
      for (const { synced } of waiting.splice(0)) synced(error);
    },
  };
}

/** The file that the last line with this word went to. */
function fileOf(word: string): unknown {
  return vi.mocked(writeSync).mock.calls.findLast(([, text]) => String(text).includes(word))?.[0];
}

const order = { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', price: '100000000', volume: '0.0001' };

async function open() {
  const { url } = await startForTest({ wallClock: standingWall().now });
  return {
    post: (changes: Record<string, string>) => signed(url, 'POST', '/v1/orders', { body: { ...order, ...changes } }),
    replace: (previous: string, identifier: string) => {
      const next = {
        new_ord_type: 'limit',
        new_price: order.price,
        new_volume: order.volume,
        new_identifier: identifier,
      };
      return signed(url, 'POST', '/v1/orders/cancel_and_new', { body: { prev_order_identifier: previous, ...next } });
    },
    cancel: (identifier: string) => signed(url, 'DELETE', '/v1/order', { query: `identifier=${identifier}` }),
    cancelAll: () => signed(url, 'DELETE', '/v1/orders/open'),
    look: (identifier: string) => signed(url, 'GET', '/v1/order', { query: `identifier=${identifier}` }),
  };
}

const ANSWERED_BY_NOW_MS = 200;

/** Whether an answer came although the disk took nothing yet. */
async function isAnswered(answer: Promise<Answer>): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), ANSWERED_BY_NOW_MS));
  const over = () => true;
  return Promise.race([answer.then(over, over), late]);
}

test('what an order, a refusal, a replacement and a cancellation changed is on disk before they are answered', async () => {
  const { post, replace, cancel, cancelAll } = await open();
  await post({ identifier: 'a' });

  for (const [word, ask] of [
    ['"accepted"', () => post({ identifier: 'b' })],
    ['"identifier-burned"', () => post({ price: '1', identifier: 'c' })],
    ['"identifier":"d"', () => post({ side: 'neither', identifier: 'd' })],
    ['"identifier":"e"', () => replace('a', 'e')],
    ['"ended"', () => cancel('e')],
    ['"ended"', () => cancelAll()],
  ] as const) {
    const disk = heldDisk();
    const answer = ask();
    await expect.poll(() => disk.waiting).toHaveLength(1);

    expect(await isAnswered(answer), word).toBe(false);
    expect(disk.waiting[0]?.descriptor, word).toBe(fileOf(word));
    disk.release();
    await answer;
  }
});

test('nobody is told of an order that is not on disk yet, and orders that wait for it together are written by one sync', async () => {
  const { post, look } = await open();
  await post({ identifier: 'before' });
  const disk = heldDisk();
  const first = post({ identifier: 'first' });
  await expect.poll(() => disk.waiting).toHaveLength(1);
  const others = ['second', 'third', 'fourth'].map((identifier) => post({ identifier }));
  await expect.poll(() => fileOf('"fourth"')).toBeDefined();
  const looks = ['before', 'second'].map(look);

  for (const answer of [first, ...others, ...looks]) expect(await isAnswered(answer)).toBe(false);
  vi.mocked(fdatasync).mockClear();
  disk.release();
  await Promise.all([first, ...others, ...looks]);
  expect(vi.mocked(fdatasync)).toHaveBeenCalledTimes(1);
  expect((await looks[1])?.json.state).toBe('wait');
});

test.each<NewFaultRule>([
  { kind: 'truncated', next: 1 },
  { kind: 'reset', when: 'after', next: 1 },
])('a connection that ends after an effect, by %j, ends when that is on disk', async (rule) => {
  const { control, post } = await openFaulty();
  await control.add(rule);
  const disk = heldDisk();
  const answer = post('a');
  await expect.poll(() => disk.waiting).toHaveLength(1);

  expect(await isAnswered(answer)).toBe(false);
  disk.release();
  await expect(answer).rejects.toThrow();
});

test('watchers of the account are told when it is on disk, in the order in which it happened', async () => {
  const disk = heldDisk();
  const store = openLedgerStore(temporaryFolder(), () => {});
  const watched = watchLedger(store);
  const told: number[] = [];
  watched.watch((_events, _before, at) => told.push(at));
  const deposit = [{ type: 'deposited', currency: 'KRW', amount: '5' }] as const;

  watched.store.record(deposit, 1, true);
  await expect.poll(() => disk.waiting).toHaveLength(1);
  watched.store.record(deposit, 2, false);
  watched.store.record(deposit, 3, true);
  await new Promise((resolve) => setTimeout(resolve, ANSWERED_BY_NOW_MS));
  expect(told).toEqual([]);
  disk.release();
  await store.kept();
  expect(told).toEqual([1, 2, 3]);
});

test('when the disk fails nothing is answered as done, and nothing is taken until a restart', async () => {
  const { post, look } = await open();
  await post({ identifier: 'before' });
  const disk = heldDisk();
  const lost = post({ identifier: 'lost' });
  await expect.poll(() => disk.waiting).toHaveLength(1);
  disk.release(Object.assign(new Error('i/o error'), { code: 'EIO' }));

  const answers = [await lost, await look('before'), await post({ identifier: 'after' })];
  expect(answers.map(({ status, json }) => [status, json.error.name])).toEqual(
    Array.from({ length: 3 }, () => [500, 'internal_server_error']),
  );
  expect(fileOf('"after"')).toBeUndefined();
});
