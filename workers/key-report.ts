import type { Db } from '../db/connect.ts';
import { type KeyScope, writeKeyRefusals } from '../db/key-refusals.ts';
import type { KeyNews } from '../exchange/key-watch.ts';
import { isAboutWholeKey } from '../exchange/upbit/error-names.ts';

/** Wall time between two writes that only say that it goes on: no commit of these takes the disk from the ledger's. */
const AGAIN_MS = 5_000;
/** Longer words of somebody else's are cut. */
const LONGEST = { reason: 64, meaning: 600 };

/** A refusal that stands. */
interface Standing {
  readonly reason: string;
  readonly meaning: string;
  readonly call: string;
  readonly identifier: string | null;
  /** Instants of `now`. */
  readonly since: number;
  readonly last: number;
  /** How many there were, and how many of them the database has been told of. */
  readonly refusals: number;
  readonly told: number;
}

export interface KeyReport {
  hear(news: KeyNews): void;
  close(): Promise<void>;
}

/**
 * Keeps in the database what the exchange refuses the account's key for, for `durabit status`, which is another process,
 * and tells the operator when that begins and when it is over. Nobody waits for it: one write at a time; what cannot be
 * written is said once and tried again with the next call.
 *
 * What an earlier worker left there is replaced at the first answer: the key may be another one now. One that still lacks
 * a permission is refused again by the next call that needs it.
 *
 * @param now milliseconds that only go forward
 */
export function reportKey(
  db: Db,
  {
    account,
    say,
  }: {
    readonly account: string;
    /** A line for the operator. */
    readonly say: (line: string) => void;
  },
  now: () => number = () => performance.now(),
): KeyReport {
  const standing = new Map<KeyScope, Standing>();
  /** Whether the database may say something else than we know: it does at first, when nobody has asked it. */
  let isOwed = true;
  let isFailing = false;
  let begunAt = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> | undefined;

  /** @returns whether the database should know at once */
  function noteRefusal({ use, refusal, call, identifier }: Extract<KeyNews, { kind: 'refused' }>): boolean {
    const scope = isAboutWholeKey(refusal.reason) ? 'every call' : use;
    const before = standing.get(scope);
    const at = now();
    const reason = plain(refusal.reason, LONGEST.reason);
    const meaning = plain(refusal.meaning, LONGEST.meaning);
    const { since, refusals, told } = before ?? { since: at, refusals: 0, told: 0 };
    standing.set(scope, { reason, meaning, call, identifier, since, last: at, refusals: refusals + 1, told });
    if (before?.reason === reason) return at - begunAt >= AGAIN_MS;
    say(`ERROR the exchange refuses the key for ${scope} (${reason}): ${meaning}; until it is mended nothing is lost`);
    return true;
  }

  /** @returns whether that ends a refusal */
  function noteAcceptance(use: KeyScope): boolean {
    const over = [...standing].filter(([scope]) => scope === 'every call' || scope === use);
    for (const [scope, { reason, refusals }] of over) {
      standing.delete(scope);
      say(`the exchange accepts the key again for ${scope} (${reason}, ${refusals} in a row)`);
    }
    return over.length > 0;
  }

  /** Never fails. */
  async function write(): Promise<void> {
    while (isOwed) {
      isOwed = false;
      begunAt = now();
      const written = [...standing];
      try {
        await writeKeyRefusals(
          db,
          account,
          written.map(([scope, { since, last, refusals, told, ...words }]) => {
            return { scope, ...words, forMs: begunAt - since, lastMs: begunAt - last, more: refusals - told };
          }),
        );
        isFailing = false;
        for (const [scope, { since, refusals }] of written) {
          const still = standing.get(scope);
          if (still?.since === since) standing.set(scope, { ...still, told: refusals });
        }
      } catch (error) {
        isOwed = true;
        const why = error instanceof Error ? error.message : String(error);
        if (!isFailing) say(`durabit status is not told whether the exchange accepts the key: ${why}`);
        isFailing = true;
        return;
      }
    }
  }

  return {
    hear(news) {
      const isNews = news.kind === 'refused' ? noteRefusal(news) : noteAcceptance(news.use);
      isOwed ||= isNews;
      if (!isOwed) return;
      writing ??= write().finally(() => {
        writing = undefined;
      });
    },
    async close() {
      await writing;
    },
  };
}

/** What somebody else says as one line that a terminal and a table can take. */
function plain(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed();
}
