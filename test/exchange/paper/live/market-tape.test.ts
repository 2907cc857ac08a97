import { expect, it } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { createMarketTape, type LivePrint, type MarketTape } from '../../../../exchange/paper/live/market-tape.ts';

const BTC = parseMarket('KRW-BTC');

function print(at: number, id: string): LivePrint {
  return { market: BTC, at, id, price: 100n, volume: 1n, taker: 'bid' };
}

/** Everything that waits, as `at/id`; only `at` where it has no place of its own. */
function told(tape: MarketTape): string[] {
  const all: string[] = [];
  for (let next = tape.next(); next !== undefined; next = tape.next()) {
    all.push(next.id === undefined ? String(next.at) : `${next.at}/${next.id}`);
    tape.tell();
  }
  return all;
}

it('tells each print once and in order, whatever ways and order they come by', () => {
  const tape = createMarketTape();

  tape.add([print(3, '30'), print(1, '10')]);
  tape.add([print(2, '20'), print(1, '10')]);
  expect(told(tape)).toEqual(['1/10', '2/20', '3/30']);

  tape.add([print(3, '30'), print(4, '40'), print(2, '20')]);
  expect(told(tape)).toEqual(['4/40']);
});

it('puts prints of one millisecond in the order of their ids, which no JavaScript number holds', () => {
  const tape = createMarketTape();

  tape.add([print(7, '17103275719220003'), print(7, '17103275719220002'), print(7, '9')]);

  expect(told(tape)).toEqual(['7/9', '7/17103275719220002', '7/17103275719220003']);
});

it('counts a print as told only when it was', () => {
  const tape = createMarketTape();
  tape.add([print(1, '10'), print(2, '20')]);

  expect(tape.next()?.id).toBe('10');
  expect(tape.next()?.id).toBe('10');
  expect(tape.newest()).toBeUndefined();
  tape.tell();
  expect([tape.next()?.id, tape.newest()?.id]).toEqual(['20', '10']);
});

it('tells a print that comes late without going back for it', () => {
  const tape = createMarketTape();
  tape.add([print(5, '50')]);
  told(tape);

  tape.add([print(4, '40'), print(6, '60')]);

  expect(told(tape)).toEqual(['4', '6/60']);
  expect(tape.newest()).toMatchObject({ at: 6, id: '60' });
});

it('begins after what was told in an earlier life, and knows its price', () => {
  const tape = createMarketTape({ at: 5, id: '51' });

  tape.add([print(5, '51'), print(5, '50'), print(4, '40')]);
  expect(told(tape)).toEqual([]);
  expect(tape.newest()?.id).toBe('51');

  tape.add([print(5, '52'), print(6, '60')]);
  expect(told(tape)).toEqual(['5/52', '6/60']);
});

it('holds a hundred thousand prints, newest first as REST tells them, and forgets ids only of what is over', () => {
  const tape = createMarketTape();
  const prints = Array.from({ length: 100_000 }, (_, index) => print(100_000 - index, String(100_000 - index)));

  tape.add(prints);
  expect(told(tape)).toHaveLength(100_000);
  tape.add(prints);

  expect(told(tape)).toEqual([]);
});
