import fc from 'fast-check';
import { expect, test } from 'vitest';
import { submitToBook } from '../../../../exchange/matching/book/submit.ts';
import { cancelOrder } from '../../../../exchange/matching/cancel.ts';
import { Exact } from '../../../../exchange/matching/exact.ts';
import { applyEvent, type Ledger } from '../../../../exchange/matching/ledger.ts';
import { ledgerFromJson, ledgerToJson } from '../../../../exchange/matching/ledger-json.ts';
import type { OrderRequest } from '../../../../exchange/matching/order.ts';
import { withoutOrder } from '../../../../exchange/matching/without-order.ts';
import { BTC } from '../account.ts';
import { BASE_PRICE, priceAt, type RandomStep, randomSteps, take } from './random-steps.ts';
import { bookScene } from './scene.ts';

const ACCOUNT = { KRW: '10000000', BTC: '0.05' };
/** Deep enough for orders to end in parts, with room inside the spread. */
const BOOK = { depthKrw: 300_000, spreadPpm: 60, spacingPpm: 10 };

const newOrder = fc.record({
  ticks: fc.integer({ min: -9, max: 9 }),
  volume: fc.integer({ min: 4_000, max: 9_000_000 }).map((satoshi) => (satoshi / 1e8).toFixed(8)),
  timeInForce: fc.constantFrom(undefined, undefined, 'ioc' as const, 'fok' as const, 'post_only' as const),
  smpType: fc.constantFrom(undefined, 'none'),
});

test('what becomes of an order in the place of another is what would become of it once that is cancelled', () => {
  let replaced = 0;
  fc.assert(
    fc.property(randomSteps, fc.nat(9), newOrder, (steps: RandomStep[], pick, wanted) => {
      const scene = bookScene(ACCOUNT, BASE_PRICE, BOOK);
      for (const step of steps) take(scene, step);
      const waiting = [...scene.ledger().orders.values()].filter(({ state }) => state === 'wait');
      const previous = waiting[pick % Math.max(1, waiting.length)];
      if (previous === undefined) return;
      replaced += 1;
      const { ticks, volume, timeInForce, smpType } = wanted;
      const request: OrderRequest = {
        ...{ market: BTC, side: previous.request.side, type: 'limit', price: priceAt(ticks), volume },
        ...(timeInForce !== undefined && { timeInForce }),
        ...(smpType !== undefined && { smpType }),
      };
      const arrival = {
        at: scene.print().at + 950,
        print: scene.print(),
        feeRate: new Exact('0.0005'),
        parameters: scene.parameters,
      };
      const before = ledgerToJson(scene.ledger());

      const decided = submitToBook(withoutOrder(scene.ledger(), previous), request, arrival);

      const cancelled = copyOf(scene.ledger());
      const copied = cancelled.orders.get(previous.uuid);
      if (copied === undefined) throw new Error('the copy lacks the order');
      for (const event of cancelOrder(copied, arrival.at)) applyEvent(cancelled, event);
      expect(decided).toEqual(submitToBook(cancelled, request, arrival));
      expect(ledgerToJson(scene.ledger())).toEqual(before);
    }),
    { numRuns: 400, seed: 20_261_123 },
  );
  expect(replaced).toBeGreaterThan(150);
});

function copyOf(ledger: Ledger): Ledger {
  return ledgerFromJson(JSON.parse(JSON.stringify(ledgerToJson(ledger))));
}
