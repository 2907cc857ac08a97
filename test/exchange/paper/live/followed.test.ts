import { expect, it } from 'vitest';
import { USUAL_BOOK } from '../../../../exchange/matching/book/parameters.ts';
import { createExchange } from '../../../../exchange/paper/exchange.ts';
import { createLiveTape } from '../../../../exchange/paper/live/live-tape.ts';
import { createMarketTape, type LivePrint } from '../../../../exchange/paper/live/market-tape.ts';
import { openLedgerStore } from '../../../../exchange/paper/state/ledger-store.ts';
import { temporaryFolder } from '../paper.ts';
import { BTC } from './chain.ts';

const KRW = 100_000_000n;
const START = 1_000_000;

function print(at: number, id: string, price = 1_000n, coins = 0n): LivePrint {
  return { market: BTC, at, id, price: price * KRW, volume: coins * KRW, taker: 'ask' };
}

/** One life of an exchange on a folder, which ends when the next one begins, as if killed. */
function live(folder: string) {
  const store = openLedgerStore(folder, () => {});
  const tape = createMarketTape(store.ledger.followed.get(BTC));
  const book = {
    at: START,
    bid: [{ price: 990n * KRW, volume: 5n * KRW }],
    ask: [{ price: 1_010n * KRW, volume: KRW }],
  };
  const market = createLiveTape({ tapes: new Map([[BTC, tape]]), isKnown: () => true, bookOf: () => book });
  return { tape, exchange: createExchange(market, store, { seed: 1, now: START, book: USUAL_BOOK }) };
}

const filled = ({ exchange }: ReturnType<typeof live>) =>
  [...exchange.ledger.orders.values()].map(({ executedVolume }) => executedVolume.toFixed());
const followed = ({ exchange }: ReturnType<typeof live>) => exchange.ledger.followed.get(BTC)?.id;

it('fills by each of the trades of one millisecond once, killed between them or not', () => {
  const folder = temporaryFolder();
  const first = live(folder);
  first.tape.add([print(START, '1')]);
  const bid = { market: BTC, side: 'bid', type: 'limit', price: '990', volume: '20' } as const;
  expect(first.exchange.submit(bid, START + 10)).toMatchObject({ state: 'wait' });
  expect(followed(first)).toBe('1');

  // Five coins are ahead; the rest of the first trade is ours.
  first.tape.add([print(START + 20, '21', 990n, 8n)]);
  first.exchange.advance(START + 20);
  expect([filled(first), followed(first)]).toEqual([['3'], '21']);

  const second = live(folder);
  second.tape.add([print(START, '1'), print(START + 20, '21', 990n, 8n), print(START + 20, '22', 990n, 4n)]);
  second.exchange.advance(START + 30);
  expect([filled(second), followed(second)]).toEqual([['7'], '22']);

  // Trades that touch nothing are noted once a minute, and when it stops.
  second.tape.add([print(START + 40, '40'), print(START + 50, '50')]);
  second.exchange.advance(START + 50);
  expect(followed(second)).toBe('22');
  second.exchange.advance(START + 61_000);
  expect(followed(second)).toBe('50');
  second.tape.add([print(START + 61_001, '60')]);
  second.exchange.settle(START + 61_002);
  expect(followed(live(folder))).toBe('60');
});

it('meets no order that came after it, though it was heard of late', () => {
  const { tape, exchange } = live(temporaryFolder());
  tape.add([print(START, '1')]);
  exchange.submit({ market: BTC, side: 'bid', type: 'limit', price: '995', volume: '20' }, START + 100);

  tape.add([print(START + 90, '9', 990n, 100n)]);
  exchange.advance(START + 200);

  expect([...exchange.ledger.orders.values()].map(({ executedVolume }) => executedVolume.toFixed())).toEqual(['0']);
});
