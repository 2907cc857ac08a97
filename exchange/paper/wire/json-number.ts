import { decimalText, PRICE_DECIMALS, VALUE_DECIMALS, VOLUME_DECIMALS } from '../../numbers/scaled.ts';

/** Upbit's JSON numbers, written by hand: a JavaScript number would lose digits on the way. */
export const priceJson = (scaled: bigint): string => numberJson(scaled, PRICE_DECIMALS);
export const volumeJson = (scaled: bigint): string => numberJson(scaled, VOLUME_DECIMALS);
export const valueJson = (scaled: bigint): string => numberJson(scaled, VALUE_DECIMALS);

const RATE_DECIMALS = 10;

/** `part` of `whole` (positive) as a fraction of ten decimals, rounded half away from zero. */
export function rateJson(part: bigint, whole: bigint): string {
  const size = part < 0n ? -part : part;
  const rate = (size * 10n ** BigInt(RATE_DECIMALS) * 2n + whole) / (whole * 2n);
  return numberJson(part < 0n ? -rate : rate, RATE_DECIMALS);
}

/** With a decimal point always, as Upbit writes them: clients in typed languages tell `1` from `1.0`. */
function numberJson(scaled: bigint, decimals: number): string {
  const text = decimalText(scaled < 0n ? -scaled : scaled, decimals);
  return `${scaled < 0n ? '-' : ''}${text.includes('.') ? text : `${text}.0`}`;
}
