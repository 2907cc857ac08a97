const KST_AHEAD_MS = 9 * 60 * 60_000;

/** `2025-06-24T04:56:53`, UTC without a suffix, from epoch ms. */
export function utcText(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}

/** `2025-06-24T13:56:53`, Korean time without a suffix. */
export function kstText(instant: number): string {
  return utcText(instant + KST_AHEAD_MS);
}

/** `2025-06-24T13:56:53+09:00`, how orders and trades are dated. */
export function kstStamp(instant: number): string {
  return `${kstText(instant)}+09:00`;
}

/** The `Date` header (RFC 7231), rounded down to the second: clients take it for the exchange's clock. */
export function httpDate(instant: number): string {
  return new Date(instant).toUTCString();
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(Z|[+-]\d{2}:\d{2})?$/;

/** Epoch ms of `2025-06-24T04:56:53Z`, `2025-06-24 04:56:53` (UTC) or `…+09:00`; undefined for anything else. */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, day, time, zone = 'Z'] = match;
  const instant = Date.parse(`${day}T${time}${zone}`);
  // The 31st of February is the 3rd of March to the parser.
  const isDay = Number.isFinite(instant) && utcText(Date.parse(`${day}T00:00:00Z`)).startsWith(`${day}`);
  return isDay ? instant : undefined;
}
