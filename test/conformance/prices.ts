import type { OrderBook } from '../../exchange/quotation-port.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { BTC, type Stage } from './stage.ts';

/** Won of KRW-BTC's price step at its price here. */
export const TICK = 1_000;
/** The feed trades every three seconds of market time, idle minutes left out; each trade makes another order book. */
const TRADE_EVERY_MS = 3_000;
const MOST_TRADES = 200;

/** Prices of KRW-BTC on its grid, in won, far below and above all that trades. */
export interface Prices {
  readonly low: DecimalText;
  readonly high: DecimalText;
}

export async function pricesNow({ quotation }: Stage): Promise<Prices> {
  const [ticker] = await quotation.fetchTickers([BTC]);
  const last = Number(ticker?.price);
  return { low: onGrid(last * 0.9), high: onGrid(last * 1.1) };
}

/** Lets the feed trade until KRW-BTC's order book is as wanted. */
export async function bookThat(
  { quotation, wall }: Stage,
  isWanted: (book: { readonly ask: Best; readonly bid: Best }) => boolean,
): Promise<{ readonly ask: Best; readonly bid: Best }> {
  for (let trades = 0; trades < MOST_TRADES; trades += 1) {
    wall.pass(TRADE_EVERY_MS);
    const [book] = await quotation.fetchOrderBooks([BTC], { count: 1 });
    const bests = { ask: bestOf(book?.asks), bid: bestOf(book?.bids) };
    if (isWanted(bests)) return bests;
  }
  throw new Error(`no order book was as wanted in ${MOST_TRADES} trades`);
}

/** The best price of a side in won, and the coins there. */
interface Best {
  readonly price: number;
  readonly size: number;
}

function bestOf(levels: OrderBook['asks'] | undefined): Best {
  return { price: Number(levels?.[0]?.price), size: Number(levels?.[0]?.size) };
}

function onGrid(price: number): DecimalText {
  return String(Math.floor(price / TICK) * TICK);
}
