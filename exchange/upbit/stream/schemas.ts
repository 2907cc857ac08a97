import { z } from 'zod';
import type { OrderBook, PublicTrade, QuotedCandle, Ticker } from '../../quotation-port.ts';
import { calendarDay, decimalText, epochMs, marketCode, utcWithoutZone, wholeNumberText } from '../wire-fields.ts';
import type { StreamAssets, StreamData, StreamOrder } from './events.ts';
import { type MessageKind, STREAM_CANDLE_UNITS, type StreamCandleUnit } from './short-names.ts';

const SIDES = { ASK: 'ask', BID: 'bid' } as const;
const DIRECTIONS = { EVEN: 'even', RISE: 'rise', FALL: 'fall' } as const;
const ORIGINS = { SNAPSHOT: 'snapshot', REALTIME: 'realtime' } as const;

const side = z.enum(['ASK', 'BID']);
const streamType = z.enum(['SNAPSHOT', 'REALTIME']);
const orNothing = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);

const ticker = z
  .object({
    code: marketCode,
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
    stream_type: streamType,
  })
  .transform((wire): StreamData => {
    const told: Ticker = {
      market: wire.code,
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
    return { kind: 'ticker', origin: ORIGINS[wire.stream_type], ticker: told };
  });

const trade = z
  .object({
    code: marketCode,
    trade_timestamp: epochMs,
    trade_price: decimalText,
    trade_volume: decimalText,
    ask_bid: side,
    prev_closing_price: decimalText,
    change: z.enum(['EVEN', 'RISE', 'FALL']),
    change_price: decimalText,
    sequential_id: wholeNumberText,
    stream_type: streamType,
  })
  .transform((wire): StreamData => {
    const told: PublicTrade = {
      market: wire.code,
      at: wire.trade_timestamp,
      price: wire.trade_price,
      volume: wire.trade_volume,
      previousClose: wire.prev_closing_price,
      // Without its sign here, with it in REST.
      change: wire.change === 'FALL' ? `-${wire.change_price}` : wire.change_price,
      taker: SIDES[wire.ask_bid],
      id: wire.sequential_id,
    };
    return { kind: 'trade', origin: ORIGINS[wire.stream_type], trade: told };
  });

const orderbook = z
  .object({
    code: marketCode,
    timestamp: epochMs,
    total_ask_size: decimalText,
    total_bid_size: decimalText,
    orderbook_units: z.array(
      z.object({ ask_price: decimalText, bid_price: decimalText, ask_size: decimalText, bid_size: decimalText }),
    ),
    level: decimalText,
    stream_type: streamType,
  })
  .transform((wire): StreamData => {
    const told: OrderBook = {
      market: wire.code,
      timestamp: wire.timestamp,
      asks: wire.orderbook_units.map((unit) => ({ price: unit.ask_price, size: unit.ask_size })),
      bids: wire.orderbook_units.map((unit) => ({ price: unit.bid_price, size: unit.bid_size })),
      totalAskSize: wire.total_ask_size,
      totalBidSize: wire.total_bid_size,
      level: wire.level,
    };
    return { kind: 'orderbook', origin: ORIGINS[wire.stream_type], book: told };
  });

const candle = z
  .object({
    type: z.enum(STREAM_CANDLE_UNITS.map((unit) => `candle.${unit}` as const)),
    code: marketCode,
    candle_date_time_utc: utcWithoutZone,
    opening_price: decimalText,
    high_price: decimalText,
    low_price: decimalText,
    trade_price: decimalText,
    candle_acc_trade_volume: decimalText,
    candle_acc_trade_price: decimalText,
    timestamp: epochMs,
    stream_type: streamType,
  })
  .transform((wire): StreamData => {
    const told: QuotedCandle = {
      market: wire.code,
      ts: wire.candle_date_time_utc,
      open: wire.opening_price,
      high: wire.high_price,
      low: wire.low_price,
      close: wire.trade_price,
      volume: wire.candle_acc_trade_volume,
      quoteVolume: wire.candle_acc_trade_price,
      lastTradeAt: wire.timestamp,
    };
    const unit = wire.type.slice('candle.'.length) as StreamCandleUnit;
    return { kind: 'candle', origin: ORIGINS[wire.stream_type], unit, candle: told };
  });

const myOrder = z
  .object({
    code: marketCode,
    uuid: z.string(),
    ask_bid: side,
    order_type: z.string(),
    state: z.enum(['wait', 'watch', 'trade', 'done', 'cancel', 'prevented']),
    trade_uuid: orNothing(z.string()),
    price: orNothing(decimalText),
    avg_price: orNothing(decimalText),
    volume: orNothing(decimalText),
    remaining_volume: orNothing(decimalText),
    executed_volume: decimalText,
    trades_count: z.string().regex(/^\d+$/).transform(Number),
    paid_fee: decimalText,
    locked: decimalText,
    executed_funds: decimalText,
    time_in_force: orNothing(z.string()),
    trade_fee: orNothing(decimalText),
    is_maker: orNothing(z.boolean()),
    identifier: orNothing(z.string()),
    trade_timestamp: orNothing(epochMs),
    order_timestamp: epochMs,
    timestamp: epochMs,
  })
  .transform((wire, context): StreamData => {
    const isFill = wire.state === 'trade';
    const { trade_uuid: id, price, volume } = wire;
    if (isFill && (id === undefined || price === undefined || volume === undefined)) {
      context.addIssue({ code: 'custom', message: 'a fill without trade_uuid, price or volume', path: ['state'] });
      return z.NEVER;
    }
    const fill =
      isFill && id !== undefined && price !== undefined && volume !== undefined
        ? {
            exchangeTradeId: id,
            price,
            volume,
            fee: wire.trade_fee,
            isMaker: wire.is_maker,
            executedAt: wire.trade_timestamp,
          }
        : undefined;
    const order: StreamOrder = {
      exchangeOrderId: wire.uuid,
      identifier: wire.identifier,
      market: wire.code,
      side: SIDES[wire.ask_bid],
      type: wire.order_type,
      timeInForce: wire.time_in_force,
      state: wire.state,
      price: isFill ? undefined : price,
      volume: isFill ? undefined : volume,
      remainingVolume: wire.remaining_volume,
      executedVolume: wire.executed_volume,
      executedFunds: wire.executed_funds,
      averagePrice: wire.avg_price,
      paidFee: wire.paid_fee,
      locked: wire.locked,
      tradesCount: wire.trades_count,
      fill,
      orderedAt: wire.order_timestamp,
      at: wire.timestamp,
    };
    return { kind: 'order', order };
  });

const myAsset = z
  .object({
    assets: z.array(z.object({ currency: z.string(), balance: decimalText, locked: decimalText })),
    asset_timestamp: epochMs,
  })
  .transform((wire): StreamData => {
    const assets: StreamAssets = {
      assets: wire.assets.map(({ currency, balance, locked }) => ({ currency, free: balance, locked })),
      at: wire.asset_timestamp,
    };
    return { kind: 'assets', assets };
  });

/** What Upbit sends of each kind, numbers as text; fields not named here are of no use to us. */
export const MESSAGE_SCHEMAS: Readonly<Record<MessageKind, z.ZodType<StreamData>>> = {
  ticker,
  trade,
  orderbook,
  candle,
  myOrder,
  myAsset,
};
