import { parseMarket } from '../../../config/market.ts';
import { gridPrice } from '../../../exchange/numbers/grid-price.ts';
import { decimalText, PRICE_DECIMALS, parseScaled } from '../../../exchange/numbers/scaled.ts';
import { createAuthorizer, type Parameters } from '../../../exchange/upbit/authorization.ts';
import type { WireRequest } from './drive.ts';
import { KEYS, MARKET } from './load.ts';

/** Coins sold at a time: worth 6,000 won, a little more than the least an order may be. */
const COINS = '0.00004';
/** A thousandth more is bought than sold, which is what rounding and a rising price may take. */
const BOUGHT_PER_SOLD = 1.001;
/** Bought once, so that no sale ever lacks coins. */
const STOCK_KRW = '3000000';
const LIMIT_VOLUME = '0.0001';
/** A limit is cancelled so many rounds after it was placed: by then it has long been answered. */
const ROUNDS_BEFORE_CANCELLING = 100;

/** A load of orders, each signed before any is sent, that can go on for ever on one account. */
export interface OrderLoad {
  /** Buys the coins that will be sold and bought back. */
  stock(): Promise<WireRequest[]>;
  /**
   * The next so many requests at a price of the market (KRW): by turns a market buy, a market sale, a limit far below
   * the market that rests, and the cancellation of an earlier one. Three of four create an order, and all end.
   */
  next(count: number, price: number): Promise<WireRequest[]>;
}

/** @param run begins the identifiers of this load. */
export function createOrderLoad(run: string): OrderLoad {
  const authorize = createAuthorizer(KEYS);
  const market = parseMarket(MARKET);
  let made = 0;

  const create = async (order: Readonly<Record<string, string>>): Promise<WireRequest> => {
    const fields = { market, ...order };
    const body = JSON.stringify(fields);
    const head = [
      'POST /v1/orders HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: ${await authorize(Object.entries(fields) as Parameters)}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return { bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), expected: 201 };
  };
  const cancel = async (identifier: string): Promise<WireRequest> => {
    const head = [
      `DELETE /v1/order?identifier=${identifier} HTTP/1.1`,
      'Host: 127.0.0.1',
      `Authorization: ${await authorize([['identifier', identifier]])}`,
    ];
    return { bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n`), expected: 200 };
  };
  const nameOf = (round: number, kind: string): string => `${run}-${round}-${kind}`;
  const requestAt = (index: number, price: number): Promise<WireRequest> => {
    const round = Math.floor(index / 4);
    const buy = { side: 'bid', ord_type: 'price', price: String(Math.ceil(price * Number(COINS) * BOUGHT_PER_SOLD)) };
    switch (index % 4) {
      case 0:
        return create({ ...buy, identifier: nameOf(round, 'buy') });
      case 1:
        return create({ side: 'ask', ord_type: 'market', volume: COINS, identifier: nameOf(round, 'sell') });
      case 2: {
        const limit = { side: 'bid', ord_type: 'limit', price: farBelow(price), volume: LIMIT_VOLUME };
        return create({ ...limit, smp_type: 'cancel_maker', identifier: nameOf(round, 'limit') });
      }
      default:
        return round < ROUNDS_BEFORE_CANCELLING
          ? create({ ...buy, identifier: nameOf(round, 'more') })
          : cancel(nameOf(round - ROUNDS_BEFORE_CANCELLING, 'limit'));
    }
  };
  return {
    stock: async () => [await create({ side: 'bid', ord_type: 'price', price: STOCK_KRW, identifier: `${run}-stock` })],
    next: async (count, price) => {
      const requests = await Promise.all(Array.from({ length: count }, (_, index) => requestAt(made + index, price)));
      made += count;
      return requests;
    },
  };
}

/** Seven tenths of the price, on the tick grid. */
function farBelow(price: number): string {
  const scaled = parseScaled(String(price), PRICE_DECIMALS) ?? 0n;
  return decimalText(gridPrice((scaled * 7n) / 10n), PRICE_DECIMALS);
}
