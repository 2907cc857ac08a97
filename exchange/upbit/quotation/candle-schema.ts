import { z } from 'zod';
import type { CandleUnit, QuotedCandle } from '../../quotation-port.ts';
import { calendarDay, decimalText, epochMs, marketCode, utcWithoutZone } from '../wire-fields.ts';
import { UPBIT_UNITS } from './candle-units.ts';

/** What REST and WebSocket tell alike of a candle, beside its market. */
export const candleFields = {
  candle_date_time_utc: utcWithoutZone,
  opening_price: decimalText,
  high_price: decimalText,
  low_price: decimalText,
  trade_price: decimalText,
  timestamp: epochMs,
  candle_acc_trade_price: decimalText,
  candle_acc_trade_volume: decimalText,
};

const base = { market: marketCode, ...candleFields };

const seconds = z.object(base).transform(quoted);

/** Answers about another length than the asked one are refused. */
const ofMinutes = (unit: number) => z.object({ ...base, unit: z.literal(String(unit)) }).transform(quoted);

const days = z
  .object({
    ...base,
    prev_closing_price: decimalText,
    change_price: decimalText,
    change_rate: decimalText,
    converted_trade_price: decimalText.optional(),
  })
  .transform(
    (wire): QuotedCandle => ({
      ...quoted(wire),
      day: {
        previousClose: wire.prev_closing_price,
        change: wire.change_price,
        changeRate: wire.change_rate,
        closeKrw: wire.converted_trade_price,
      },
    }),
  );

const periods = z
  .object({ ...base, first_day_of_period: calendarDay })
  .transform((wire): QuotedCandle => ({ ...quoted(wire), firstDay: wire.first_day_of_period }));

/** What Upbit answers when asked for candles of a length. */
export function candlesSchemaOf(unit: CandleUnit): z.ZodType<QuotedCandle[]> {
  const upbit = UPBIT_UNITS[unit];
  switch (upbit.kind) {
    case 'seconds':
      return z.array(seconds);
    case 'minutes':
      return z.array(ofMinutes(upbit.minutes));
    case 'days':
      return z.array(days);
    case 'periods':
      return z.array(periods);
  }
}

function quoted(wire: z.output<z.ZodObject<typeof base>>): QuotedCandle {
  return candleOf(wire.market, wire);
}

export function candleOf(market: string, wire: z.output<z.ZodObject<typeof candleFields>>): QuotedCandle {
  return {
    market,
    ts: wire.candle_date_time_utc,
    open: wire.opening_price,
    high: wire.high_price,
    low: wire.low_price,
    close: wire.trade_price,
    volume: wire.candle_acc_trade_volume,
    quoteVolume: wire.candle_acc_trade_price,
    lastTradeAt: wire.timestamp,
  };
}
