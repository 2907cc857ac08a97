import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { queuePosition } from '../../../exchange/matching/book/book.ts';
import { USUAL_BOOK } from '../../../exchange/matching/book/parameters.ts';
import type { Ledger } from '../../../exchange/matching/ledger.ts';
import { ledgerToJson } from '../../../exchange/matching/ledger-json.ts';
import { createExchange, type Exchange } from '../../../exchange/paper/exchange.ts';
import { candleTape } from '../../../exchange/paper/feed/candle-tape.ts';
import { SIMULATED_ORIGIN, simulatedSource } from '../../../exchange/paper/feed/simulated-source.ts';
import { tradesBefore } from '../../../exchange/paper/feed/trades.ts';
import { openLedgerStore } from '../../../exchange/paper/state/ledger-store.ts';
import { temporaryFolder } from './paper.ts';

const MINUTE = 60_000;
const START = SIMULATED_ORIGIN + 312 * MINUTE;
const END = START + 9 * MINUTE;
/** Thin, so that the trades of the feed get through to our orders. */
const BOOK = { ...USUAL_BOOK, depthKrw: 500_000 };
const MARKETS = ['KRW-BTC', 'KRW-XRP'].map(parseMarket);
const SOURCES = new Map(MARKETS.map((market) => [market, simulatedSource(market, 1)]));
const LAST_XRP = Number(tradesBefore(simulatedSource(parseMarket('KRW-XRP'), 1), 1, START)[0]?.price) / 1e8;

function openIn(folder: string, now: number) {
  return createExchange(
    candleTape(SOURCES),
    openLedgerStore(folder, () => {}),
    { seed: 1, now, book: BOOK },
  );
}

/** Bids at and below the market that wait their turn, looked at every `stride`, killed and reopened after every `killEvery`-th. */
function run(stride: number, killEvery: number) {
  const folder = temporaryFolder();
  let exchange = openIn(folder, START);
  const [btc = parseMarket('KRW-BTC'), xrp = btc] = MARKETS;
  exchange.submit({ market: btc, side: 'bid', type: 'price', price: '1000000' }, START);
  for (const [below, volume] of ['100', '1500', '500', '100'].entries()) {
    const price = String(LAST_XRP - below);
    exchange.submit({ market: xrp, side: 'bid', type: 'limit', price, volume }, START);
  }
  const waits = [...exchange.ledger.orders.values()].map((order) => queuePosition(exchange.ledger.books, order));
  for (let now = START + stride, looks = 1; now <= END; now += stride, looks += 1) {
    exchange.advance(now);
    if (looks % killEvery === 0) exchange = openIn(folder, now);
  }
  exchange.advance(END);
  return { waits, fills: fillsOf(exchange.ledger), kept: JSON.stringify(ledgerToJson(exchange.ledger)) };
}

function fillsOf({ orders }: Ledger): number[] {
  return [...orders.values()].map(({ fills }) => fills.length);
}

test('places in the queue and partial fills do not depend on looks or on kills, to the last byte', () => {
  const calm = run(END - START, 1_000);

  // The bids waited behind others, and one of them was filled in parts.
  expect(calm.fills).toEqual([1, 1, 1, 4, 0]);
  expect(calm.waits.slice(1).every((ahead) => ahead !== undefined && ahead > 0n)).toBe(true);
  expect(run(777, 1_000_000).kept).toBe(calm.kept);
  expect(run(2_500, 1).kept).toBe(calm.kept);
}, 60_000);

test('what our orders took is missing after a kill at that instant, and is there again with the next trade', () => {
  const folder = temporaryFolder();
  const [btc = parseMarket('KRW-BTC')] = MARKETS;
  const seen = (exchange: Exchange, at: number) => JSON.stringify(exchange.books?.seen(btc, at));
  const untouched = openIn(temporaryFolder(), START);
  let exchange = openIn(folder, START);
  exchange.submit({ market: btc, side: 'bid', type: 'price', price: '2000000' }, START);
  const emptied = seen(exchange, START);
  expect(emptied).not.toBe(seen(untouched, START));

  // First from the journal's lines, then from the snapshot that the start before has made of them.
  for (let life = 0; life < 2; life += 1) {
    exchange = openIn(folder, START);
    expect(seen(exchange, START)).toBe(emptied);
  }
  // Some of the emptied prices come back with other trades.
  for (let at = START + 6_000; at < START + 3 * MINUTE; at += 3_000) {
    expect(seen(exchange, at)).toBe(seen(untouched, at));
  }
});
