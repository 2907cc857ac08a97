import { Decimal } from 'decimal.js';
import { parse } from 'lossless-json';
import { z } from 'zod';
import type { Candle, DecimalText } from '../../strategy/candle.ts';
import type { Cancellations, NamedOrder, OrderCost, Replacement } from '../operator-port.ts';
import type { Balance, ExchangeOrder, Fill, OrderTerms } from '../port.ts';
import { decimalText, utcWithoutZone, zonedInstant } from './wire-fields.ts';

/**
 * Reads Upbit's JSON without losing a digit: every number arrives as its own text, because balances carry up to
 * 20 decimals and `sequential_id` exceeds 2^53 (upbit.md §3, §7).
 */
export function parseLosslessJson(text: string): unknown {
  return parse(text, null, (number) => number);
}

/** Decimals kept of a price, volume or candle sum: Upbit's finest tick and volume step (upbit.md §5). */
const CANDLE_DECIMALS = 8;

/**
 * Upbit prints candle figures as JSON doubles, sometimes with trailing zeros or binary noise
 * (`47108000.00000000`, `0.30000000000000004`): one canonical text of at most 8 decimals is what we keep,
 * so that equal prices compare equal and a re-read is not mistaken for a correction.
 */
const candleFigure = z
  .string()
  .regex(/^\d+(\.\d+)?([eE][+-]?\d{1,2})?$/, 'is not a decimal number')
  .transform((text): DecimalText => new Decimal(text).toDecimalPlaces(CANDLE_DECIMALS).toFixed());

export const candlesSchema = z.array(
  z
    .object({
      candle_date_time_utc: utcWithoutZone,
      opening_price: candleFigure,
      high_price: candleFigure,
      low_price: candleFigure,
      trade_price: candleFigure,
      candle_acc_trade_volume: candleFigure,
      candle_acc_trade_price: candleFigure,
    })
    .transform(
      (wire): Candle => ({
        ts: wire.candle_date_time_utc,
        open: wire.opening_price,
        high: wire.high_price,
        low: wire.low_price,
        close: wire.trade_price,
        volume: wire.candle_acc_trade_volume,
        quoteVolume: wire.candle_acc_trade_price,
      }),
    ),
);

export const marketsSchema = z.array(z.object({ market: z.string() }).transform((wire) => wire.market));

export const accountsSchema = z.array(
  z.object({ currency: z.string(), balance: decimalText, locked: decimalText, avg_buy_price: decimalText }).transform(
    (wire): Balance => ({
      currency: wire.currency,
      free: wire.balance,
      locked: wire.locked,
      averageBuyPrice: wire.avg_buy_price,
    }),
  ),
);

export const orderTermsSchema = z
  .object({
    bid_fee: decimalText,
    ask_fee: decimalText,
    market: z.object({
      bid: z.object({ min_total: decimalText }),
      ask: z.object({ min_total: decimalText }),
      max_total: decimalText,
    }),
  })
  .transform(
    (wire): OrderTerms => ({
      bidFeeRate: wire.bid_fee,
      askFeeRate: wire.ask_fee,
      minimumBidKrw: wire.market.bid.min_total,
      minimumAskKrw: wire.market.ask.min_total,
      maximumKrw: wire.market.max_total,
    }),
  );

const fillSchema = z
  .object({
    uuid: z.string(),
    price: decimalText,
    volume: decimalText,
    funds: decimalText,
    // A response of 2019 lacks it.
    created_at: zonedInstant.optional(),
  })
  .transform(
    (wire): Fill => ({
      exchangeTradeId: wire.uuid,
      price: wire.price,
      volume: wire.volume,
      funds: wire.funds,
      executedAt: wire.created_at,
    }),
  );

/** Absent since 2022, explicitly null in 2021 (upbit.md §4): both mean "not set". */
const optionalDecimal = decimalText.nullish().transform((value) => value ?? undefined);

const orderFields = {
  uuid: z.string(),
  identifier: z.string().nullish(),
  market: z.string(),
  side: z.enum(['bid', 'ask']),
  state: z.enum(['wait', 'watch', 'done', 'cancel']),
  price: optionalDecimal,
  volume: optionalDecimal,
  executed_volume: decimalText,
  paid_fee: decimalText,
  trades: z.array(fillSchema).nullish(),
};

export const orderSchema = z.object(orderFields).transform(orderOf);

function orderOf(wire: z.output<z.ZodObject<typeof orderFields>>): ExchangeOrder {
  return {
    exchangeOrderId: wire.uuid,
    identifier: wire.identifier ?? undefined,
    market: wire.market,
    side: wire.side,
    state: wire.state,
    price: wire.price,
    volume: wire.volume,
    executedVolume: wire.executed_volume,
    paidFee: wire.paid_fee,
    fills: wire.trades ?? [],
  };
}

/** What `POST /v1/orders/cancel_and_new` answers: the order to be cancelled, and the names of the new one. */
export const replacementSchema = z
  .object({ ...orderFields, new_order_uuid: z.string(), new_order_identifier: z.string().nullish() })
  .transform(
    (wire): Replacement => ({
      previous: orderOf(wire),
      exchangeOrderId: wire.new_order_uuid,
      identifier: wire.new_order_identifier ?? undefined,
    }),
  );

/** What `POST /v1/orders/test` answers: an order that does not exist, of which only the figures mean something. */
export const orderCostSchema = z
  .object({ reserved_fee: decimalText, locked: decimalText })
  .transform((wire): OrderCost => ({ locked: wire.locked, reservedFee: wire.reserved_fee }));

/** What is known of an order that was not cancelled is not documented, so nothing of it is insisted on. */
const namedOrdersSchema = z.object({
  orders: z.array(
    z.object({ uuid: z.string().nullish(), identifier: z.string().nullish(), market: z.string().nullish() }).transform(
      (wire): NamedOrder => ({
        exchangeOrderId: wire.uuid ?? undefined,
        identifier: wire.identifier ?? undefined,
        market: wire.market ?? undefined,
      }),
    ),
  ),
});

export const cancellationsSchema = z
  .object({ success: namedOrdersSchema, failed: namedOrdersSchema })
  .transform((wire): Cancellations => ({ accepted: wire.success.orders, refused: wire.failed.orders }));

/** Upbit's error envelope. Quotation errors carry an integer name, exchange errors a word. */
export const errorSchema = z.object({ error: z.object({ name: z.string(), message: z.string().default('') }) });
