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
  /** What is missing; `until` is the `to` of the request. */
  readonly missing: CandleRange;
  readonly count: number;
  /** Below this slot we hold candles, so an answer must show one; undefined before the first collection. */
  readonly known: number | undefined;
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
  const { newestStored, newestHole } = state;
  if (full && newestStored === undefined) {
    return { missing: { from: reachedDownTo, until: reachedDownTo }, count: MAX_PAGE, known: undefined };
  }
  if (full && newestStored !== undefined && reachedDownTo > newestStored - OVERLAP * lengthMs) {
    return pageOver({ from: newestStored, until: reachedDownTo }, newestStored, lengthMs);
  }
  return newestHole === undefined ? undefined : pageOver(newestHole, newestHole.from - lengthMs, lengthMs);
}

/** Whatever is missing is read with the overlap before it: a correction may have come while nobody was looking. */
function pageOver(missing: CandleRange, known: number, lengthMs: number): OlderPage {
  const slots = Math.ceil((missing.until - missing.from) / lengthMs) + OVERLAP;
  return { missing, count: Math.min(MAX_PAGE, slots), known };
}

/** What an older page says about the slots that were missing. */
export interface OlderPageOutcome {
  readonly settled: CandleRange;
  /** What must count as not asked for although it did not before. */
  readonly unsettled: CandleRange | undefined;
}

/**
 * Reads an older page. One that stops short of what was missing leaves its oldest few slots open, so that the page
 * after it overlaps it; without this a correction made just before an outage of 203 to 207 minutes was never seen.
 * And what lies between it and the stored candles is open again even if it counted as empty: a list that stood still
 * for hours and then shows hundreds of candles at once has shown that it was not.
 */
export function readOlderPage(candles: readonly Candle[], page: OlderPage, lengthMs: number): OlderPageOutcome {
  const { from, until } = page.missing;
  const reached = settledFrom(candles, page.count, page.known) ?? until;
  if (reached <= from) return { settled: { from: reached, until }, unsettled: undefined };
  const settled = { from: Math.min(until, reached + OVERLAP * lengthMs), until };
  return { settled, unsettled: { from: from + lengthMs, until: settled.from } };
}
