import type { Print } from '../../matching/book/background.ts';
import type { FollowedTrade } from '../../matching/ledger.ts';

/** A print of a source: its id tells it from any other of the market, though not which of them came first. */
export type LivePrint = Print & { readonly id: string };

/** The prints of one market in the order in which they happened, each once, whatever ways they come by. */
export interface MarketTape {
  /** Takes prints in any order; those that are known, and those of before the tape began, are passed over. */
  add(prints: readonly LivePrint[]): void;
  /** The earliest that was not told yet. */
  next(): Print | undefined;
  /** Counts it as told. */
  tell(): void;
  /** The last of those that were told, in an earlier life too. */
  newest(): LivePrint | undefined;
}

/** Prints by whose ids others are known again: some hours of a busy market. What is older than all of them is passed over. */
const MOST_KNOWN = 20_000;

/** @param begun the last trade that was told in an earlier life */
export function createMarketTape(begun?: FollowedTrade): MarketTape {
  let over = begun;
  let newest: LivePrint | undefined;
  /** By id, those known longest first. */
  const known = new Map<string, FollowedTrade>();
  /** In order; those before `told` were. */
  const waiting: LivePrint[] = [];
  let told = 0;

  const remember = ({ id, at }: LivePrint): void => {
    known.set(id, { at, id });
    if (known.size <= MOST_KNOWN) return;
    for (const [oldestId, oldest] of known) {
      known.delete(oldestId);
      if (over === undefined || isAfter(oldest, over)) over = oldest;
      return;
    }
  };

  return {
    add(prints) {
      for (const print of prints.toSorted(inOrder)) {
        if (known.has(print.id)) continue;
        if (over !== undefined && !isAfter(print, over)) {
          // Told in an earlier life, and in a quiet market still what its price is.
          if (newest === undefined || isAfter(print, newest)) newest = print;
          continue;
        }
        remember(print);
        const place = waiting.findLastIndex((other) => isAfter(print, other)) + 1;
        waiting.splice(Math.max(told, place), 0, print);
      }
    },
    next() {
      const print = waiting[told];
      if (print === undefined || newest === undefined || isAfter(print, newest)) return print;
      // It came late. Where the tape is must not go back for it: what was told since would be told again.
      const { id: _, ...late } = print;
      return late;
    },
    tell() {
      const print = waiting[told];
      if (print === undefined) return;
      if (newest === undefined || isAfter(print, newest)) newest = print;
      told += 1;
      if (told < waiting.length) return;
      waiting.length = 0;
      told = 0;
    },
    newest: () => newest,
  };
}

function inOrder(one: LivePrint, other: LivePrint): number {
  return isAfter(one, other) ? 1 : -1;
}

/** By instant, then by id: ids are not said to be in order, and several trades share a millisecond. */
export function isAfter(one: FollowedTrade, other: FollowedTrade): boolean {
  return one.at === other.at ? BigInt(one.id) > BigInt(other.id) : one.at > other.at;
}
