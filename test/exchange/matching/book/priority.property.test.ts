import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalOf } from '../../../../exchange/matching/book/units.ts';
import type { Order } from '../../../../exchange/matching/order.ts';
import { BASE_PRICE, priceAt } from './random-steps.ts';
import { bookScene, units } from './scene.ts';

const RICH = { KRW: '100000000000', BTC: '100000' };

/** Coins in a queue: of others, or of the order that `owner` names. */
interface Entry {
  readonly owner: string | undefined;
  volume: bigint;
}

/**
 * The queues of one side as lists that are eaten from the front: slow, and nothing like the counters of the book. Only
 * how much others have ahead of a newcomer is taken from the book.
 */
class ListedQueues {
  readonly #entries = new Map<bigint, Entry[]>();

  arrive(price: bigint, owner: string, volume: bigint, ahead: bigint): void {
    const entries = this.#entries.get(price) ?? [];
    const already = entries.reduce((sum, entry) => sum + (entry.owner === undefined ? entry.volume : 0n), 0n);
    if (ahead < already) throw new Error(`${owner} overtakes: ${ahead} ahead of it, ${already} of an older order`);
    entries.push({ owner: undefined, volume: ahead - already }, { owner, volume });
    this.#entries.set(price, entries);
  }

  leave(owner: string): void {
    for (const [price, entries] of this.#entries) {
      const others = entries.filter((entry) => entry.owner !== owner);
      this.#entries.set(price, trimmed(others));
    }
  }

  /** The executions that a trade brings to one price, in order. `volume` undefined: all there is. */
  trade(price: bigint, volume: bigint | undefined): [owner: string, volume: bigint][] {
    const entries = this.#entries.get(price) ?? [];
    const fills: [string, bigint][] = [];
    let left = volume;
    for (const entry of entries) {
      const eaten = left === undefined || left > entry.volume ? entry.volume : left;
      entry.volume -= eaten;
      if (left !== undefined) left -= eaten;
      if (entry.owner !== undefined && eaten > 0n) fills.push([entry.owner, eaten]);
    }
    this.#entries.set(price, trimmed(entries.filter((entry) => entry.volume > 0n)));
    return fills;
  }

  prices(): bigint[] {
    return [...this.#entries.keys()];
  }

  ahead(price: bigint, owner: string): bigint | undefined {
    const entries = this.#entries.get(price) ?? [];
    const place = entries.findIndex((entry) => entry.owner === owner);
    if (place === -1) return undefined;
    return entries.slice(0, place).reduce((sum, entry) => sum + (entry.owner === undefined ? entry.volume : 0n), 0n);
  }
}

/** Others behind our last order are no longer told apart from those who come later. */
function trimmed(entries: readonly Entry[]): Entry[] {
  return entries.slice(0, entries.findLastIndex((entry) => entry.owner !== undefined) + 1);
}

const volume = fc.integer({ min: 10_000, max: 30_000_000 }).map((satoshi) => (satoshi / 1e8).toFixed(8));
const ticks = fc.integer({ min: 1, max: 4 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('rest' as const), ticks, volume }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('trade' as const), ticks, volume }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(9) }) },
);

test.each(['bid', 'ask'] as const)(
  'resting %ss trade by price, then by time, each behind those who were there',
  (side) => {
    const away = side === 'bid' ? -1 : 1;
    let partial = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25, size: 'max' }), (steps) => {
        // Ten levels a tick apart from the base on, so that orders rest among others.
        const scene = bookScene(RICH, BASE_PRICE, { spreadPpm: 0, spacingPpm: 0, depthKrw: 15_000_000 });
        const queues = new ListedQueues();
        const orders: Order[] = [];
        for (const one of steps) {
          if (one.do === 'rest') {
            const submission = scene.submit({
              side,
              price: priceAt(away * one.ticks),
              volume: one.volume,
              timeInForce: 'post_only',
            });
            const order = scene.order(submission);
            if (order.state !== 'wait') continue;
            orders.push(order);
            const price = units(order.request.price ?? '0');
            queues.arrive(price, order.uuid, units(one.volume), units(scene.ahead(order) ?? '0'));
          } else if (one.do === 'cancel') {
            const order = orders[one.pick];
            if (order?.state !== 'wait') continue;
            scene.cancel(order);
            queues.leave(order.uuid);
          } else {
            const price = units(priceAt(away * one.ticks));
            const before = scene.events.length;
            scene.trade(priceAt(away * one.ticks), one.volume, side === 'bid' ? 'ask' : 'bid');

            const passed = queues.prices().filter((queued) => (side === 'bid' ? queued > price : queued < price));
            passed.sort((a, b) => Number(a - b) * away);
            const expected = [
              ...passed.flatMap((queued) => queues.trade(queued, undefined)),
              ...queues.trade(price, units(one.volume)),
            ];
            const filled = scene.events
              .slice(before)
              .flatMap((event): [string, bigint][] =>
                event.type === 'filled' ? [[event.order, units(event.volume)]] : [],
              );
            expect(filled).toEqual(expected);
          }
          for (const order of orders) {
            const ahead = queues.ahead(units(order.request.price ?? '0'), order.uuid);
            expect(scene.ahead(order)).toBe(ahead === undefined ? undefined : decimalOf(ahead).toFixed());
            if (order.state === 'wait' && order.fills.length > 0) partial += 1;
          }
        }
      }),
      { numRuns: 400, seed: 20_261_125 },
    );

    expect(partial).toBeGreaterThan(100);
  },
  60_000,
);
