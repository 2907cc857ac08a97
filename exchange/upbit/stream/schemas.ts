import { z } from 'zod';
import type { PublicTrade } from '../../quotation-port.ts';
import { candleFields, candleOf } from '../quotation/candle-schema.ts';
import { orderBookFields, orderBookOf } from '../quotation/order-book-schema.ts';
import { tickerFields, tickerOf } from '../quotation/ticker-schema.ts';
import { decimalText, epochMs, marketCode, wholeNumberText } from '../wire-fields.ts';
import type { StreamAssets, StreamData, StreamOrder } from './events.ts';
import { type MessageKind, STREAM_CANDLE_UNITS, type StreamCandleUnit } from './short-names.ts';

const SIDES = { ASK: 'ask', BID: 'bid' } as const;
const ORIGINS = { SNAPSHOT: 'snapshot', REALTIME: 'realtime' } as const;

const side = z.enum(['ASK', 'BID']);
const streamType = z.enum(['SNAPSHOT', 'REALTIME']);
const orNothing = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);

const ticker = z
  .object({ code: marketCode, ...tickerFields, stream_type: streamType })
  .transform(
    (wire): StreamData => ({ kind: 'ticker', origin: ORIGINS[wire.stream_type], ticker: tickerOf(wire.code, wire) }),
  );

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

const orderbook = z.object({ code: marketCode, ...orderBookFields, stream_type: streamType }).transform(
  (wire): StreamData => ({
    kind: 'orderbook',
    origin: ORIGINS[wire.stream_type],
    book: orderBookOf(wire.code, wire),
  }),
);

const candle = z
  .object({
    type: z.enum(STREAM_CANDLE_UNITS.map((unit) => `candle.${unit}` as const)),
    code: marketCode,
    ...candleFields,
    stream_type: streamType,
  })
  .transform((wire): StreamData => {
    const unit = wire.type.slice('candle.'.length) as StreamCandleUnit;
    return { kind: 'candle', origin: ORIGINS[wire.stream_type], unit, candle: candleOf(wire.code, wire) };
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
