import { expect, test } from 'vitest';
import type { Print } from '../../../../exchange/matching/book/background.ts';
import { matchPrint } from '../../../../exchange/matching/book/match-print.ts';
import { USUAL_BOOK } from '../../../../exchange/matching/book/parameters.ts';
import { shownBook } from '../../../../exchange/matching/book/shown.ts';
import { submitToBook } from '../../../../exchange/matching/book/submit.ts';
import { decimalOf } from '../../../../exchange/matching/book/units.ts';
import type { LedgerEvent } from '../../../../exchange/matching/events.ts';
import { Exact } from '../../../../exchange/matching/exact.ts';
import { applyEvent, emptyLedger } from '../../../../exchange/matching/ledger.ts';
import { SIMULATED_ORIGIN, simulatedSource } from '../../../../exchange/paper/feed/simulated-source.ts';
import { tradesBefore } from '../../../../exchange/paper/feed/trades.ts';
import { BTC } from '../account.ts';

const SEED = 7;
const parameters = { seed: SEED, ...USUAL_BOOK };
/** Five hours of the simulated market, oldest trade first. */
const now = SIMULATED_ORIGIN + 5 * 3_600_000;
const prints: Print[] = tradesBefore(simulatedSource(BTC, SEED), 6_000, now)
  .reverse()
  .map((trade) => ({ market: BTC, ...trade }));

test('at every trade of the simulated feed the book lies around its price', () => {
  const ledger = emptyLedger();

  for (const print of prints.slice(0, 1_000)) {
    const { asks, bids } = shownBook(ledger, print, parameters);
    const last = decimalOf(print.price);
    expect([asks.length, bids.length]).toEqual([30, 30]);
    expect(bids[0]?.price.lte(last) && asks[0]?.price.gte(last) && bids[0]?.price.lt(asks[0]?.price ?? 0)).toBe(true);
  }
});

test('orders at the last price wait their turn and fill in parts as the feed trades there', () => {
  const ledger = emptyLedger();
  const apply = (events: readonly LedgerEvent[]) => {
    for (const event of events) applyEvent(ledger, event);
  };
  apply([
    { type: 'deposited', currency: 'KRW', amount: '100000000000' },
    { type: 'deposited', currency: 'BTC', amount: '1000' },
  ]);
  prints.forEach((print, index) => {
    apply(matchPrint(ledger, print));
    if (index % 10 !== 0) return;
    const arrival = { at: print.at + 100, print, feeRate: new Exact('0.0005'), parameters };
    const price = decimalOf(print.price).toFixed();
    for (const side of ['bid', 'ask'] as const) {
      const order = { market: BTC, side, type: 'limit', price, volume: '0.3', timeInForce: 'post_only' } as const;
      apply(submitToBook(ledger, order, arrival).events);
    }
  });

  const orders = [...ledger.orders.values()].filter(({ state }) => state !== 'cancel');
  const filled = orders.filter(({ state }) => state === 'done');
  expect(filled.length).toBeGreaterThan(100);
  expect(filled.filter(({ fills }) => fills.length > 1).length).toBeGreaterThan(10);
  // Whoever rests is paid its own price, after it came.
  for (const { fills, price, createdAt } of filled) {
    expect(fills.every((fill) => fill.price.eq(price ?? 0) && fill.at > createdAt)).toBe(true);
  }
});
