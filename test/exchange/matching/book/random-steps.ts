import fc from 'fast-check';
import type { Side, TimeInForce } from '../../../../exchange/matching/order.ts';
import type { bookScene } from './scene.ts';

/** Base of all prices here; the tick is 1,000 KRW. */
export const BASE_PRICE = '150000000';

/** One thing that happens, as plain data; prices are ticks from the base. */
export type RandomStep =
  | {
      readonly do: 'limit';
      readonly side: Side;
      readonly ticks: number;
      readonly volume: string;
      readonly timeInForce: TimeInForce | undefined;
      readonly smpType: string | undefined;
    }
  | { readonly do: 'buy'; readonly total: string; readonly best: boolean; readonly smpType: string | undefined }
  | { readonly do: 'sell'; readonly volume: string; readonly best: boolean; readonly smpType: string | undefined }
  | { readonly do: 'trade'; readonly ticks: number; readonly volume: string; readonly taker: Side }
  | { readonly do: 'cancel'; readonly pick: number };

const side = fc.constantFrom('bid' as const, 'ask' as const);
const ticks = fc.integer({ min: -9, max: 9 });
const smpType = fc.constantFrom(undefined, 'cancel_maker', 'cancel_taker', 'reduce', 'none');
const volume = fc.integer({ min: 4_000, max: 900_000 }).map((satoshi) => coins(satoshi));
const total = fc.integer({ min: 400_000, max: 99_999_999 }).map((cents) => (cents / 100).toFixed(2));

export const randomSteps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('limit' as const),
        side,
        ticks,
        volume,
        timeInForce: fc.constantFrom(
          undefined,
          undefined,
          undefined,
          'ioc' as const,
          'fok' as const,
          'post_only' as const,
        ),
        smpType,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('buy' as const), total, best: fc.boolean(), smpType }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('sell' as const), volume, best: fc.boolean(), smpType }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('trade' as const), ticks, volume, taker: side }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(9) }) },
  ),
  { minLength: 1, maxLength: 16, size: 'max' },
);

export function take(scene: ReturnType<typeof bookScene>, step: RandomStep): void {
  if (step.do === 'trade') {
    scene.trade(priceAt(step.ticks), step.volume, step.taker);
    return;
  }
  if (step.do === 'cancel') {
    const order = [...scene.ledger().orders.values()][step.pick];
    if (order !== undefined) scene.cancel(order);
    return;
  }
  const smp = step.smpType === undefined ? {} : { smpType: step.smpType };
  if (step.do === 'limit') {
    const time = step.timeInForce === undefined ? {} : { timeInForce: step.timeInForce };
    scene.submit({ side: step.side, price: priceAt(step.ticks), volume: step.volume, ...time, ...smp });
  } else if (step.do === 'buy') {
    const best = { type: 'best', timeInForce: 'ioc' } as const;
    scene.submit({ ...(step.best ? best : { type: 'price' }), price: step.total, ...smp });
  } else {
    const best = { type: 'best', timeInForce: 'fok' } as const;
    scene.submit({ side: 'ask', ...(step.best ? best : { type: 'market' }), volume: step.volume, ...smp });
  }
}

export function priceAt(ticksFromBase: number): string {
  return String(Number(BASE_PRICE) + 1_000 * ticksFromBase);
}

function coins(satoshi: number): string {
  return (satoshi / 1e8).toFixed(8);
}
