import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { createRateLimit } from '../../../exchange/paper/rate-limit.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { openLedgerStore } from '../../../exchange/paper/state/ledger-store.ts';
import { BTC_FILE, paperOptions, signed, standingWall, startForTest, temporaryFolder } from './paper.ts';

const silent = () => {};

test('whatever was answered is in the folder at that moment: a copy of it knows orders, cancellations and refusals', async () => {
  const [stateDir, copy] = [temporaryFolder(), temporaryFolder()];
  const wallClock = standingWall().now;
  const first = await startForTest({ stateDir, wallClock });
  const body = { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', price: '100000000', volume: '0.0001' };
  for (const identifier of ['waits', 'cancelled']) {
    await signed(first.url, 'POST', '/v1/orders', { body: { ...body, identifier } });
  }
  await signed(first.url, 'POST', '/v1/orders', { body: { ...body, price: '1', identifier: 'refused' } });
  await signed(first.url, 'DELETE', '/v1/order', { query: 'identifier=cancelled' });
  const balances = await signed(first.url, 'GET', '/v1/accounts');

  cpSync(stateDir, copy, { recursive: true });
  rmSync(join(copy, 'lock.json'));
  const second = await startForTest({ stateDir: copy, wallClock });

  const stateOf = async (identifier: string) =>
    (await signed(second.url, 'GET', '/v1/order', { query: `identifier=${identifier}` })).json.state;
  expect([await stateOf('waits'), await stateOf('cancelled')]).toEqual(['wait', 'cancel']);
  expect((await signed(second.url, 'GET', '/v1/accounts')).json).toEqual(balances.json);
  const again = await signed(second.url, 'POST', '/v1/orders', { body: { ...body, identifier: 'refused' } });
  expect(again.json.error.name).toBe('duplicated_identifier');
});

test('a first line cut off by a crash leaves nothing behind that the next line could run into', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'journal.jsonl'), '{"number":1,"at":1,"events":[{"type":"depos');

  openLedgerStore(folder, silent).record([{ type: 'deposited', currency: 'KRW', amount: '5' }], 1, true);

  expect(openLedgerStore(folder, silent).ledger.balances.get('KRW')?.free.toFixed()).toBe('5');
});

test('a file of the same name with other candles is another history', async () => {
  const [stateDir, folder] = [temporaryFolder(), temporaryFolder()];
  const file = join(folder, 'BTC_KRW_1m.csv');
  copyFileSync(BTC_FILE, file);
  const options = { stateDir, replayFiles: [file], markets: [parseMarket('KRW-BTC')] };
  await (await startPaperExchange(paperOptions(options))).close();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);

  await expect(startForTest(options)).rejects.toThrow('names and contents count');
});

test('limits are per second of market time: an accelerated exchange allows so many times more', () => {
  const wall = standingWall();
  const limit = createRateLimit(60, wall.now);
  const allowed = Array.from({ length: 601 }, () => limit('candles').allowed);

  expect(allowed.indexOf(false)).toBe(600);
  wall.pass(1_000);
  expect(limit('candles').allowed).toBe(true);
});
