import type { Market } from '../../../config/market.ts';
import { decimalText, PRICE_DECIMALS, VALUE_DECIMALS, VOLUME_DECIMALS } from '../feed/scaled.ts';
import type { SeenCandle } from '../feed/visible.ts';
import { kstText, utcText } from './times.ts';

/**
 * Upbit's minute candles. Written by hand because prices are JSON numbers there, and a JavaScript number would lose
 * digits on the way.
 */
export function candlesJson(market: Market, unit: number, candles: readonly SeenCandle[]): string {
  return `[${candles.map((candle) => candleJson(market, unit, candle)).join(',')}]`;
}

function candleJson(market: Market, unit: number, candle: SeenCandle): string {
  return (
    `{"market":"${market}","candle_date_time_utc":"${utcText(candle.start)}",` +
    `"candle_date_time_kst":"${kstText(candle.start)}","opening_price":${price(candle.open)},` +
    `"high_price":${price(candle.high)},"low_price":${price(candle.low)},"trade_price":${price(candle.close)},` +
    `"timestamp":${candle.lastTradeAt},"candle_acc_trade_price":${jsonNumber(candle.value, VALUE_DECIMALS)},` +
    `"candle_acc_trade_volume":${jsonNumber(candle.volume, VOLUME_DECIMALS)},"unit":${unit}}`
  );
}

function price(scaled: bigint): string {
  return jsonNumber(scaled, PRICE_DECIMALS);
}

/** With a decimal point always, as Upbit writes them: clients in typed languages tell `1` from `1.0`. */
function jsonNumber(scaled: bigint, decimals: number): string {
  const text = decimalText(scaled, decimals);
  return text.includes('.') ? text : `${text}.0`;
}
