import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { ledgerToJson } from '../../../exchange/matching/ledger-json.ts';
import { createExchange } from '../../../exchange/paper/exchange.ts';
import { candleTape } from '../../../exchange/paper/feed/candle-tape.ts';
import { SIMULATED_ORIGIN, simulatedSource } from '../../../exchange/paper/feed/simulated-source.ts';
import { openLedgerStore } from '../../../exchange/paper/state/ledger-store.ts';
import { temporaryFolder } from './paper.ts';

const MINUTE = 60_000;
const START = SIMULATED_ORIGIN + 300 * MINUTE;
const MARKETS = ['KRW-BTC', 'KRW-ETH', 'KRW-XRP'].map(parseMarket);
const SOURCES = new Map(MARKETS.map((market) => [market, simulatedSource(market, 1)]));
const BIDS = [
  { price: '149000000', volume: '0.001' },
  { price: '6010000', volume: '0.02' },
  { price: '3990', volume: '30' },
];

function openIn(folder: string, now: number) {
  const store = openLedgerStore(folder, () => {});
  return createExchange(candleTape(SOURCES), store, { seed: 1, now });
}

/** Orders in three markets, then five hours looked at every `stride`, killed and reopened after every `killEvery`-th. */
function run(stride: number, killEvery: number) {
  const folder = temporaryFolder();
  let exchange = openIn(folder, START);
  for (const [index, market] of MARKETS.entries()) {
    exchange.submit({ market, side: 'bid', type: 'limit', ...BIDS[index] }, START + index);
  }
  const end = START + 300 * MINUTE;
  let looks = 0;
  for (let now = START + stride; now <= end; now += stride) {
    exchange.advance(now);
    looks += 1;
    if (looks % killEvery === 0) exchange = openIn(folder, now);
  }
  exchange.advance(end);
  return ledgerToJson(exchange.ledger);
}

test('what happens to resting orders does not depend on looks or on kills', () => {
  const calm = run(300 * MINUTE, 1_000);

  expect(calm.orders.map(({ state }) => state)).toContain('done');
  expect(run(7_777, 1_000_000)).toEqual(calm);
  // Most of these come between two trades of the feed, which are three seconds apart.
  expect(run(1_000, 1_000_000)).toEqual(calm);
  expect(run(20 * MINUTE + 500, 1)).toEqual(calm);
});
