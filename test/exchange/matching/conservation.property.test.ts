import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cancelOrder } from '../../../exchange/matching/cancel.ts';
import { Exact } from '../../../exchange/matching/exact.ts';
import { ledgerFromJson, ledgerToJson } from '../../../exchange/matching/ledger-json.ts';
import { lockedByOrder } from '../../../exchange/matching/order.ts';
import { accountWith, applyAll } from './account.ts';

const price = fc.integer({ min: 149_900, max: 150_100 }).map((thousands) => `${thousands}000`);
const volume = fc.integer({ min: 1, max: 5_000_000 }).map((satoshi) => new Exact(satoshi).div(1e8).toFixed());
const side = fc.constantFrom('bid' as const, 'ask' as const);
const step = fc.oneof(
  fc.record({
    do: fc.constant('limit' as const),
    side,
    price,
    volume,
    timeInForce: fc.constantFrom('ioc' as const, 'fok' as const, 'post_only' as const, undefined),
  }),
  fc.record({ do: fc.constant('buy' as const), total: fc.integer({ min: 1, max: 3_000_000 }).map(String) }),
  fc.record({ do: fc.constant('sell' as const), volume }),
  fc.record({ do: fc.constant('trade' as const), price }),
  fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(20) }),
);
/** A book of a few thin levels around the price, so that orders fill in part. */
const thin = fc.boolean();

test('no won and no coin appears or vanishes, whatever is ordered', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), price, thin, (steps, firstPrice, isThin) => {
      const account = accountWith({ KRW: '10000000', BTC: '0.05' });
      let at = 1_000;
      let current = firstPrice;
      const market = () => {
        if (!isThin) return current;
        const levels = [0, 1, 2].map((distance) => ({ distance: distance * 7_000, volume: new Exact('0.00123457') }));
        return {
          asks: levels.map((one) => ({ price: new Exact(current).plus(one.distance), volume: one.volume })),
          bids: levels.map((one) => ({ price: new Exact(current).minus(one.distance), volume: one.volume })),
        };
      };
      for (const one of steps) {
        at += 1_000;
        if (one.do === 'limit') {
          const { timeInForce, do: _, ...limit } = one;
          account.submit({ type: 'limit', ...limit, ...(timeInForce && { timeInForce }) }, market(), at);
        } else if (one.do === 'buy') account.submit({ type: 'price', price: one.total }, market(), at);
        else if (one.do === 'sell') account.submit({ side: 'ask', type: 'market', volume: one.volume }, market(), at);
        else if (one.do === 'trade') {
          current = one.price;
          account.trade(current, at);
        } else {
          const order = [...account.ledger.orders.values()][one.pick];
          if (order !== undefined) applyAll(account.ledger, cancelOrder(order, at));
        }
      }

      let krw = new Exact('10000000');
      let btc = new Exact('0.05');
      const locked = { KRW: new Exact(0), BTC: new Exact(0) };
      for (const order of account.ledger.orders.values()) {
        const sign = order.request.side === 'bid' ? -1 : 1;
        krw = krw.plus(order.executedFunds.times(sign)).minus(order.paidFee);
        btc = btc.minus(order.executedVolume.times(sign));
        if (order.state !== 'wait') continue;
        const currency = order.request.side === 'bid' ? 'KRW' : 'BTC';
        locked[currency] = locked[currency].plus(lockedByOrder(order));
      }
      for (const [currency, total] of [
        ['KRW', krw],
        ['BTC', btc],
      ] as const) {
        const balance = account.ledger.balances.get(currency);
        expect(balance?.free.plus(balance.locked).toFixed()).toBe(total.toFixed());
        expect(balance?.locked.toFixed()).toBe(locked[currency].toFixed());
        expect(balance?.free.gte(0)).toBe(true);
      }
      const json = ledgerToJson(account.ledger);
      expect(ledgerToJson(ledgerFromJson(JSON.parse(JSON.stringify(json))))).toEqual(json);
    }),
    { numRuns: 200, seed: 20_250_901 },
  );
});
