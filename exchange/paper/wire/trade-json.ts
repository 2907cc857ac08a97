import type { Market } from '../../../config/market.ts';
import type { FeedTrade } from '../feed/trades.ts';
import { priceJson, volumeJson } from './json-number.ts';
import { utcText } from './times.ts';

/** Trades of a market share no millisecond, so that four digits after it, Upbit's number of them, stay zero. */
const IDS_PER_MS = 10_000n;

/** A public trade; its id, as Upbit's, is beyond what a JavaScript number holds. */
export function tradeJson(market: Market, { at, price, volume, taker }: FeedTrade, previousClose: bigint): string {
  const text = utcText(at);
  return (
    `{"market":"${market}","trade_date_utc":"${text.slice(0, 10)}","trade_time_utc":"${text.slice(11)}",` +
    `"timestamp":${at},"trade_price":${priceJson(price)},"trade_volume":${volumeJson(volume)},` +
    `"prev_closing_price":${priceJson(previousClose)},"change_price":${priceJson(price - previousClose)},` +
    `"ask_bid":"${taker.toUpperCase()}","sequential_id":${sequentialId(at)}}`
  );
}

/** The id of the trade at an instant (epoch ms). */
export function sequentialId(at: number): bigint {
  return BigInt(at) * IDS_PER_MS;
}

/** The instant (epoch ms) before which all trades have a smaller id, and no other has. */
export function instantOfId(id: bigint): number {
  return Number((id + IDS_PER_MS - 1n) / IDS_PER_MS);
}
