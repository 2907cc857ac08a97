import type { Db } from '../db/connect.ts';
import { type KeyScope, writeKeyRefusals } from '../db/key-refusals.ts';
import type { KeyNews } from '../exchange/key-watch.ts';
import { isAboutWholeKey } from '../exchange/upbit/error-names.ts';
import { plainWords } from './plain-words.ts';

/** Wall time between two writes that only say that it goes on: no commit of these takes the disk from the ledger's. */
const AGAIN_MS = 5_000;
/** Where some of our calls are refused and others are not, as over two lines to the internet, the refusal stands. */
const OVER_AFTER_MS = 1_000;
/** What the refusal keeps from happening, for the operator. */
const MEANWHILE: Readonly<Record<KeyScope, string>> = {
  'every call': 'no order can be sent, looked up or cancelled',
  balances: 'nothing can be bought',
  'look-ups': 'no fill is seen, and what was on its way cannot be looked up',
  orders: 'no order can be sent or cancelled, a sale neither',
};
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
    const reason = plainWords(refusal.reason, LONGEST.reason);
    const meaning = plainWords(refusal.meaning, LONGEST.meaning);
    const { since, refusals, told } = before ?? { since: at, refusals: 0, told: 0 };
    standing.set(scope, { reason, meaning, call, identifier, since, last: at, refusals: refusals + 1, told });
    if (before?.reason === reason) return at - begunAt >= AGAIN_MS;
    say(
      `ERROR the exchange refuses the key for ${scope} (${reason}): ${meaning}; until it is mended ${MEANWHILE[scope]}`,
    );
    return true;
  }

  /** @returns whether that ends a refusal */
  function noteAcceptance(use: KeyScope): boolean {
    const at = now();
    const over = [...standing].filter(
      ([scope, { last }]) => (scope === 'every call' || scope === use) && at - last >= OVER_AFTER_MS,
    );
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
