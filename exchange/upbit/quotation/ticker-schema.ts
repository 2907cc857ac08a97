import { z } from 'zod';
import type { Ticker } from '../../quotation-port.ts';
import { calendarDay, decimalText, epochMs, marketCode } from '../wire-fields.ts';

const DIRECTIONS = { EVEN: 'even', RISE: 'rise', FALL: 'fall' } as const;

/** What REST and WebSocket tell alike of a market, beside its name. */
export const tickerFields = {
  trade_timestamp: epochMs,
  opening_price: decimalText,
  high_price: decimalText,
  low_price: decimalText,
  trade_price: decimalText,
  prev_closing_price: decimalText,
  change: z.enum(['EVEN', 'RISE', 'FALL']),
  signed_change_price: decimalText,
  signed_change_rate: decimalText,
  trade_volume: decimalText,
  acc_trade_price: decimalText,
  acc_trade_price_24h: decimalText,
  acc_trade_volume: decimalText,
  acc_trade_volume_24h: decimalText,
  highest_52_week_price: decimalText,
  highest_52_week_date: calendarDay,
  lowest_52_week_price: decimalText,
  lowest_52_week_date: calendarDay,
  timestamp: epochMs,
};

export const tickersSchema = z.array(
  z.object({ market: marketCode, ...tickerFields }).transform((wire) => tickerOf(wire.market, wire)),
);

export function tickerOf(market: string, wire: z.output<z.ZodObject<typeof tickerFields>>): Ticker {
  return {
    market,
    tradedAt: wire.trade_timestamp,
    price: wire.trade_price,
    lastVolume: wire.trade_volume,
    open: wire.opening_price,
    high: wire.high_price,
    low: wire.low_price,
    volume: wire.acc_trade_volume,
    quoteVolume: wire.acc_trade_price,
    volume24h: wire.acc_trade_volume_24h,
    quoteVolume24h: wire.acc_trade_price_24h,
    previousClose: wire.prev_closing_price,
    direction: DIRECTIONS[wire.change],
    change: wire.signed_change_price,
    changeRate: wire.signed_change_rate,
    highest: { price: wire.highest_52_week_price, day: wire.highest_52_week_date },
    lowest: { price: wire.lowest_52_week_price, day: wire.lowest_52_week_date },
    timestamp: wire.timestamp,
  };
}
