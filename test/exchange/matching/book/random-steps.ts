import fc from 'fast-check';
import { decimalOf } from '../../../../exchange/matching/book/units.ts';
import { Exact } from '../../../../exchange/matching/exact.ts';
import type { Side, TimeInForce } from '../../../../exchange/matching/order.ts';
import type { bookScene } from './scene.ts';

/** Base of all prices here; the tick is 1,000 KRW. */
export const BASE_PRICE = '150000000';

/** What a coin costs, and with it how many of them an order is about. */
export interface Coin {
  readonly basePrice: string;
  readonly tick: string;
  /** So many of it stand for one of the dear coin. */
  readonly perDearCoin: bigint;
}

export const DEAR_COIN: Coin = { basePrice: BASE_PRICE, tick: '1000', perDearCoin: 1n };
/** Both its prices and its quantities have decimals: their products, and the fees on them, have up to twelve. */
export const CHEAP_COIN: Coin = { basePrice: '0.05', tick: '0.0001', perDearCoin: 3_000_000_001n };

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
const volume = fc.integer({ min: 4_000, max: 900_000 }).map((satoshi) => (satoshi / 1e8).toFixed(8));
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

export function take(scene: ReturnType<typeof bookScene>, step: RandomStep, coin = DEAR_COIN): void {
  const coins = (dear: string): string => coinsFor(dear, coin);
  if (step.do === 'trade') {
    scene.trade(priceAt(step.ticks, coin), coins(step.volume), step.taker);
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
    scene.submit({ side: step.side, price: priceAt(step.ticks, coin), volume: coins(step.volume), ...time, ...smp });
  } else if (step.do === 'buy') {
    const best = { type: 'best', timeInForce: 'ioc' } as const;
    scene.submit({ ...(step.best ? best : { type: 'price' }), price: step.total, ...smp });
  } else {
    const best = { type: 'best', timeInForce: 'fok' } as const;
    scene.submit({ side: 'ask', ...(step.best ? best : { type: 'market' }), volume: coins(step.volume), ...smp });
  }
}

export function priceAt(ticksFromBase: number, { basePrice, tick } = DEAR_COIN): string {
  return new Exact(tick).times(ticksFromBase).plus(basePrice).toFixed();
}

/** As many of a coin as are worth about so many of the dear one. */
export function coinsFor(dear: string, { perDearCoin }: Coin): string {
  return decimalOf(BigInt(new Exact(dear).times(1e8).toFixed()) * perDearCoin).toFixed();
}
