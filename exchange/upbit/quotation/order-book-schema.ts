import { z } from 'zod';
import type { OrderBook } from '../../quotation-port.ts';
import { decimalText, epochMs, marketCode } from '../wire-fields.ts';

/** What REST and WebSocket tell alike of a market's book, beside the market's name. */
export const orderBookFields = {
  timestamp: epochMs,
  total_ask_size: decimalText,
  total_bid_size: decimalText,
  orderbook_units: z.array(
    z.object({ ask_price: decimalText, bid_price: decimalText, ask_size: decimalText, bid_size: decimalText }),
  ),
  level: decimalText,
};

export const orderBooksSchema = z.array(
  z.object({ market: marketCode, ...orderBookFields }).transform((wire) => orderBookOf(wire.market, wire)),
);

export function orderBookOf(market: string, wire: z.output<z.ZodObject<typeof orderBookFields>>): OrderBook {
  return {
    market,
    timestamp: wire.timestamp,
    asks: wire.orderbook_units.map((unit) => ({ price: unit.ask_price, size: unit.ask_size })),
    bids: wire.orderbook_units.map((unit) => ({ price: unit.bid_price, size: unit.bid_size })),
    totalAskSize: wire.total_ask_size,
    totalBidSize: wire.total_bid_size,
    level: wire.level,
  };
}
