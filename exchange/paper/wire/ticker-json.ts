import type { Market } from '../../../config/market.ts';
import type { Ticker } from '../feed/ticker.ts';
import { priceJson, rateJson, valueJson, volumeJson } from './json-number.ts';
import { kstText, utcText } from './times.ts';

/** Upbit's ticker of a market. */
export function tickerJson(market: Market, { last, day, previousClose, past24h, highest, lowest }: Ticker): string {
  const change = last.price - previousClose;
  const size = change < 0n ? -change : change;
  return (
    `{"market":"${market}","trade_date":"${compactDate(utcText(last.at))}","trade_time":"${compactTime(utcText(last.at))}",` +
    `"trade_date_kst":"${compactDate(kstText(last.at))}","trade_time_kst":"${compactTime(kstText(last.at))}",` +
    `"trade_timestamp":${last.at},"opening_price":${priceJson(day.open)},"high_price":${priceJson(day.high)},` +
    `"low_price":${priceJson(day.low)},"trade_price":${priceJson(last.price)},` +
    `"prev_closing_price":${priceJson(previousClose)},"change":"${directionOf(change)}","change_price":${priceJson(size)},` +
    `"change_rate":${rateJson(size, previousClose)},"signed_change_price":${priceJson(change)},` +
    `"signed_change_rate":${rateJson(change, previousClose)},"trade_volume":${volumeJson(last.volume)},` +
    `"acc_trade_price":${valueJson(day.value)},"acc_trade_price_24h":${valueJson(past24h.value)},` +
    `"acc_trade_volume":${volumeJson(day.volume)},"acc_trade_volume_24h":${volumeJson(past24h.volume)},` +
    `"highest_52_week_price":${priceJson(highest.price)},"highest_52_week_date":"${utcText(highest.day).slice(0, 10)}",` +
    `"lowest_52_week_price":${priceJson(lowest.price)},"lowest_52_week_date":"${utcText(lowest.day).slice(0, 10)}",` +
    `"timestamp":${last.at}}`
  );
}

/** Upbit's word for a change with its sign. */
export function directionOf(change: bigint): 'EVEN' | 'RISE' | 'FALL' {
  if (change === 0n) return 'EVEN';
  return change > 0n ? 'RISE' : 'FALL';
}

/** `20250624` of `2025-06-24T04:56:53`. */
export function compactDate(text: string): string {
  return text.slice(0, 10).replaceAll('-', '');
}

/** `045653` of `2025-06-24T04:56:53`. */
export function compactTime(text: string): string {
  return text.slice(11).replaceAll(':', '');
}
