import type { Market } from '../../../config/market.ts';
import type { SeenCandle } from '../feed/visible.ts';
import { priceJson, rateJson, valueJson, volumeJson } from './json-number.ts';
import { kstText, utcText } from './times.ts';

/**
 * Upbit's candles.
 *
 * @param more fields that candles of this length have besides, as they follow the others: `,"unit":1`.
 */
export function candlesJson(
  market: Market,
  candles: readonly SeenCandle[],
  more: (candle: SeenCandle) => string = () => '',
): string {
  return `[${candles.map((candle) => candleJson(market, candle, more(candle))).join(',')}]`;
}

function candleJson(market: Market, candle: SeenCandle, more: string): string {
  return (
    `{"market":"${market}","candle_date_time_utc":"${utcText(candle.start)}",` +
    `"candle_date_time_kst":"${kstText(candle.start)}","opening_price":${priceJson(candle.open)},` +
    `"high_price":${priceJson(candle.high)},"low_price":${priceJson(candle.low)},` +
    `"trade_price":${priceJson(candle.close)},"timestamp":${candle.lastTradeAt},` +
    `"candle_acc_trade_price":${valueJson(candle.value)},"candle_acc_trade_volume":${volumeJson(candle.volume)}${more}}`
  );
}

export function minuteFields(unit: number): string {
  return `,"unit":${unit}`;
}

/** @param converted whether the close is asked for in KRW, which all prices here are in. */
export function dayFields({ close }: SeenCandle, previous: bigint, converted: boolean): string {
  const change = close - previous;
  return (
    `,"prev_closing_price":${priceJson(previous)},"change_price":${priceJson(change)},` +
    `"change_rate":${rateJson(change, previous)}${converted ? `,"converted_trade_price":${priceJson(close)}` : ''}`
  );
}

export function periodFields({ start }: SeenCandle): string {
  return `,"first_day_of_period":"${utcText(start).slice(0, 10)}"`;
}
