import { z } from 'zod';
import type { PublicTrade } from '../../quotation-port.ts';
import { decimalText, epochMs, marketCode, wholeNumberText } from '../wire-fields.ts';

const TAKERS = { ASK: 'ask', BID: 'bid' } as const;

export const tradesSchema = z.array(
  z
    .object({
      market: marketCode,
      timestamp: epochMs,
      trade_price: decimalText,
      trade_volume: decimalText,
      prev_closing_price: decimalText,
      change_price: decimalText,
      ask_bid: z.enum(['ASK', 'BID']),
      sequential_id: wholeNumberText,
    })
    .transform(
      (wire): PublicTrade => ({
        market: wire.market,
        at: wire.timestamp,
        price: wire.trade_price,
        volume: wire.trade_volume,
        previousClose: wire.prev_closing_price,
        change: wire.change_price,
        taker: TAKERS[wire.ask_bid],
        id: wire.sequential_id,
      }),
    ),
);
