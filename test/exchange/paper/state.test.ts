import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { USUAL_BOOK } from '../../../exchange/matching/book/parameters.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { heldBook } from '../../../exchange/paper/state/binding.ts';
import { openLedgerStore } from '../../../exchange/paper/state/ledger-store.ts';
import { ETH_FILE, paperOptions, signed, startForTest, temporaryFolder } from './paper.ts';

const deposit = (amount: string) => ({ type: 'deposited', currency: 'KRW', amount }) as const;
const won = (store: ReturnType<typeof openLedgerStore>) => store.ledger.balances.get('KRW')?.free.toFixed();
const silent = () => {};

test('a line cut off by a crash is dropped with a word, and writing goes on behind it', () => {
  const folder = temporaryFolder();
  const store = openLedgerStore(folder, silent);
  store.record([deposit('1')], 1, true);
  appendFileSync(join(folder, 'journal.jsonl'), '{"number":2,"at":2,"events":[{"type":"depos');

  const said: string[] = [];
  const second = openLedgerStore(folder, (line) => said.push(line));
  second.record([deposit('10')], 3, true);

  expect(said).toHaveLength(1);
  expect(won(openLedgerStore(folder, silent))).toBe('11');
});

test('a death between snapshot and emptied journal counts nothing twice', () => {
  const folder = temporaryFolder();
  const store = openLedgerStore(folder, silent);
  store.record([deposit('1')], 1, true);
  store.record([deposit('2')], 2, true);
  const journal = readFileSync(join(folder, 'journal.jsonl'));

  openLedgerStore(folder, silent);
  expect(readFileSync(join(folder, 'journal.jsonl'), 'utf8')).toBe('');
  writeFileSync(join(folder, 'journal.jsonl'), journal);

  expect(won(openLedgerStore(folder, silent))).toBe('3');
});

test('a damaged line that is not the last is told with its number', () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'journal.jsonl'),
    '{"number":1,"at":1,"events":[]}\nrubbish\n{"number":3,"at":3,"events":[]}\n',
  );

  expect(() => openLedgerStore(folder, silent)).toThrow('journal.jsonl:2');
});

test('a stop and a start keep every order and balance', async () => {
  const stateDir = temporaryFolder();
  const first = await startPaperExchange(paperOptions({ stateDir, speed: 60 }));
  const body = { market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '123456', identifier: 'kept' };
  await signed(first.url, 'POST', '/v1/orders', { body });
  await signed(first.url, 'POST', '/v1/orders', { body: { ...body, price: '1', identifier: 'burned' } });
  const before = await signed(first.url, 'GET', '/v1/order', { query: 'identifier=kept' });
  const balances = await signed(first.url, 'GET', '/v1/accounts');
  await first.close();

  const second = await startForTest({ stateDir, speed: 60 });

  expect((await signed(second.url, 'GET', '/v1/order', { query: 'identifier=kept' })).json).toEqual(before.json);
  expect((await signed(second.url, 'GET', '/v1/accounts')).json).toEqual(balances.json);
  for (const identifier of ['kept', 'burned']) {
    const again = await signed(second.url, 'POST', '/v1/orders', { body: { ...body, identifier } });
    expect(again.json.error.name).toBe('duplicated_identifier');
  }
});

test('a folder in use is refused, and free again after close', async () => {
  const stateDir = temporaryFolder();
  const first = await startPaperExchange(paperOptions({ stateDir }));

  await expect(startPaperExchange(paperOptions({ stateDir }))).rejects.toThrow(
    `in use by a paper exchange (pid ${process.pid}`,
  );
  await first.close();
  expect(existsSync(join(stateDir, 'lock.json'))).toBe(false);
  await startForTest({ stateDir });
});

test('a claim of a dead process is taken over', async () => {
  const stateDir = temporaryFolder();
  const dead = { pid: process.pid, startTime: 'another boot/1', command: 'a paper exchange', since: '', brief: false };
  writeFileSync(join(stateDir, 'lock.json'), JSON.stringify(dead));

  await startForTest({ stateDir });
});

test('a folder stays with its feed, files and seed', async () => {
  const stateDir = temporaryFolder();
  await (await startPaperExchange(paperOptions({ stateDir }))).close();

  await expect(startForTest({ stateDir, seed: 2 })).rejects.toThrow('seed 1, not 2');
  await expect(startForTest({ stateDir, feed: 'simulated' })).rejects.toThrow('feed replay, not simulated');
  await expect(startForTest({ stateDir, markets: [parseMarket('KRW-ETH')], replayFiles: [ETH_FILE] })).rejects.toThrow(
    'BTC_KRW_1m.csv, not ETH_KRW_1m.csv',
  );
});

test('a folder stays with its book, and one from before there was a book is endless', async () => {
  const [levels, earlier] = [temporaryFolder(), temporaryFolder()];
  await (await startPaperExchange(paperOptions({ stateDir: levels, book: USUAL_BOOK }))).close();
  await (await startPaperExchange(paperOptions({ stateDir: earlier }))).close();

  expect(readFileSync(join(earlier, 'binding.json'), 'utf8')).not.toContain('book');
  expect([levels, earlier, temporaryFolder()].map(heldBook)).toEqual([
    { book: USUAL_BOOK },
    { book: undefined },
    undefined,
  ]);
  await expect(startForTest({ stateDir: earlier, book: USUAL_BOOK })).rejects.toThrow(
    'book endless, not book levels (spread 50, depth 10000000, ',
  );
  await expect(startForTest({ stateDir: levels })).rejects.toThrow(
    'depth 10000000, spacing 20, growth 5), not book end',
  );
  await expect(startForTest({ stateDir: levels, book: { ...USUAL_BOOK, depthKrw: 1 } })).rejects.toThrow('depth 1, ');
  await startForTest({ stateDir: levels, book: USUAL_BOOK });
});

test('a port in use is told', async () => {
  const { port } = await startForTest();

  await expect(startForTest({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
});
