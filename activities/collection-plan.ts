import type { CollectionState } from '../db/candles.ts';
import { settledFrom } from '../exchange/candle-page.ts';
import type { Candle, CandleRange } from '../strategy/candle.ts';

/** Upbit's largest page; a larger count is silently cut (upbit.md §3). */
export const MAX_PAGE = 200;

/**
 * Candles read again before the newest stored one. A slot that counted as empty has to be read once more two
 * intervals later, and trades reported late correct a closed candle: five covers both whatever runs were missed,
 * because the newest stored candle is never more than two slots past a slot read only once.
 */
export const OVERLAP = 5;

/** In step with the exchange a page holds the forming candle, the one that just closed, the stored one and the overlap. */
const STEADY_PAGE = OVERLAP + 3;

/** How many of the newest candles to ask for: few in step, a full page at the first start. */
export function planNewestPage(state: CollectionState): { readonly count: number } {
  return { count: state.newestStored === undefined ? MAX_PAGE : STEADY_PAGE };
}

export interface OlderPage {
  /** `until` is the `to` of the request; down to `from` an answer settles all slots when it is short. */
  readonly range: CandleRange;
  readonly count: number;
}

/**
 * The second and last page of a run. First what is missing between the newest page and the stored candles; at the
 * first start one more page of history; otherwise the newest hole. Nothing when all is in order.
 *
 * @param reached how far down the newest page went, and whether it was full (a short one shows that nothing is older)
 */
export function planNextPage(
  state: CollectionState,
  reached: { readonly reachedDownTo: number; readonly full: boolean },
  lengthMs: number,
): OlderPage | undefined {
  const { reachedDownTo, full } = reached;
  if (full && state.newestStored === undefined) {
    return { range: { from: reachedDownTo, until: reachedDownTo }, count: MAX_PAGE };
  }
  if (full && state.newestStored !== undefined && reachedDownTo > state.newestStored - OVERLAP * lengthMs) {
    return pageOver({ from: state.newestStored, until: reachedDownTo }, lengthMs);
  }
  return state.newestHole === undefined ? undefined : pageOver(state.newestHole, lengthMs);
}

/** Whatever is missing is read with the overlap before it: a correction may have come while nobody was looking. */
function pageOver(missing: CandleRange, lengthMs: number): OlderPage {
  const range = { from: missing.from - OVERLAP * lengthMs, until: missing.until };
  return { range, count: Math.min(MAX_PAGE, Math.ceil((range.until - range.from) / lengthMs)) };
}

/**
 * The first slot an older page settles. One that stops short of what was wanted leaves its oldest few slots open, so
 * that the page after it overlaps it; without this a correction made just before an outage of 203 to 207 minutes was
 * never seen.
 */
export function settledByOlderPage(candles: readonly Candle[], page: OlderPage, lengthMs: number): number {
  const from = settledFrom(candles, page.count, page.range.from);
  return from <= page.range.from ? from : from + OVERLAP * lengthMs;
}
