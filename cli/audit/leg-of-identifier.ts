/** What an order's identifier claims. */
export interface ClaimedLeg {
  readonly market: string;
  /** Open of the candle, UTC epoch milliseconds. */
  readonly candle: number;
  readonly leg: string;
}

/**
 * Deliberately more tolerant than what makes identifiers: `…-entry-2`, `…-ENTRY` and `…-entry2` all claim the leg
 * `entry`, so that a second order under a similar name counts as a second one.
 */
const CLAIM = /^[^-]+-([a-z0-9]+-[a-z0-9]+)-([0-9a-z]+)-([a-z]+)/i;

export function bearsBotId(identifier: string | undefined, botId: string): boolean {
  return identifier?.toLowerCase().startsWith(botId.toLowerCase()) === true;
}

/** Undefined when it claims nothing that can be read. */
export function claimedLeg(identifier: string): ClaimedLeg | undefined {
  const [, market, seconds, leg] = CLAIM.exec(identifier) ?? [];
  if (market === undefined || seconds === undefined || leg === undefined) return undefined;
  return { market: market.toUpperCase(), candle: Number.parseInt(seconds, 36) * 1_000, leg: leg.toLowerCase() };
}
