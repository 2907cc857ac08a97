import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cancelOrder } from '../../../exchange/matching/cancel.ts';
import { Exact } from '../../../exchange/matching/exact.ts';
import { ledgerFromJson, ledgerToJson } from '../../../exchange/matching/ledger-json.ts';
import { endlessAt, type Liquidity } from '../../../exchange/matching/liquidity.ts';
import { accountWith, applyAll } from './account.ts';
import { CHEAP_COIN, type Coin, coinsFor, DEAR_COIN, priceAt } from './book/random-steps.ts';
import { expectConserved } from './conserved.ts';

const SEQUENCES = 10_000;
/** Snapshots are compared in one sequence of so many. */
const SNAPSHOT_EVERY = 10;

const ticks = fc.integer({ min: -100, max: 100 });
const volume = fc.integer({ min: 1, max: 5_000_000 }).map((satoshi) => (satoshi / 1e8).toFixed(8));
const total = fc.integer({ min: 1, max: 300_000_000 }).map((cents) => (cents / 100).toFixed(2));
const side = fc.constantFrom('bid' as const, 'ask' as const);
const inForce = fc.constantFrom('ioc' as const, 'fok' as const);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      side,
      ticks,
      volume,
      timeInForce: fc.constantFrom('ioc' as const, 'fok' as const, 'post_only' as const, undefined, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('buy' as const), total, best: fc.boolean(), inForce }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sell' as const), volume, best: fc.boolean(), inForce }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('trade' as const), ticks }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(9) }) },
);
const sequence = fc.array(step, { minLength: 1, maxLength: 16, size: 'max' });

/** A few thin levels around the price, so that orders fill in part. */
function thinBookAt(price: string, coin: Coin): Liquidity {
  const levels = (away: number) =>
    [0, 7, 14].map((distance) => ({
      price: new Exact(coin.tick).times(away * distance).plus(price),
      volume: new Exact(coinsFor('0.00123457', coin)),
    }));
  return { asks: levels(1), bids: levels(-1) };
}

test(`no won and no coin appears or vanishes over ${SEQUENCES} sequences of orders that meet one price, or a few`, () => {
  let fills = 0;
  let sequences = 0;
  fc.assert(
    fc.property(sequence, ticks, fc.boolean(), fc.constantFrom(DEAR_COIN, CHEAP_COIN), (steps, first, isThin, coin) => {
      const opening = { KRW: '10000000', BTC: coinsFor('0.05', coin) };
      const account = accountWith(opening);
      const coins = (dear: string) => coinsFor(dear, coin);
      let at = 1_000;
      let current = priceAt(first, coin);
      const market = () => (isThin ? thinBookAt(current, coin) : endlessAt(new Exact(current)));
      for (const one of steps) {
        at += 1_000;
        if (one.do === 'limit') {
          const { timeInForce } = one;
          const limit = { side: one.side, price: priceAt(one.ticks, coin), volume: coins(one.volume) };
          account.submit({ type: 'limit', ...limit, ...(timeInForce && { timeInForce }) }, market(), at);
        } else if (one.do === 'buy' || one.do === 'sell') {
          const amount = one.do === 'buy' ? { price: one.total } : { side: 'ask' as const, volume: coins(one.volume) };
          const plain = one.do === 'buy' ? ('price' as const) : ('market' as const);
          const type = one.best ? { type: 'best' as const, timeInForce: one.inForce } : { type: plain };
          account.submit({ ...type, ...amount }, market(), at);
        } else if (one.do === 'trade') {
          current = priceAt(one.ticks, coin);
          account.trade(current, at);
        } else {
          const order = [...account.ledger.orders.values()][one.pick];
          if (order !== undefined) applyAll(account.ledger, cancelOrder(order, at));
        }
      }

      expectConserved(account.events, account.ledger, opening);
      fills += account.events.filter(({ type }) => type === 'filled').length;
      sequences += 1;
      if (sequences % SNAPSHOT_EVERY > 0) return;
      const json = ledgerToJson(account.ledger);
      expect(ledgerToJson(ledgerFromJson(JSON.parse(JSON.stringify(json))))).toEqual(json);
    }),
    { numRuns: SEQUENCES, seed: 20_250_901 },
  );

  // The sequences do trade.
  expect(fills).toBeGreaterThan(SEQUENCES);
}, 120_000);
