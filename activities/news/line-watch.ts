import type { StreamStanding } from '../../db/stream-reports.ts';
import type { GapReason, LineNews } from '../../exchange/live-port.ts';

/** How a line is called in the log. */
export interface LineWords {
  /** What it tells of. */
  readonly what: string;
  /** What holds while it tells nothing. */
  readonly without: string;
}

/** Knows how a line stands, and tells the operator. */
export interface LineWatch {
  /** News of the line itself. */
  hear(news: LineNews | { readonly kind: 'gap'; readonly reason: GapReason }): void;
  /** It has told of what it is there for. */
  noteTold(): void;
  standing(): StreamStanding;
}

/**
 * Tells the operator when a line comes, goes and ends, each once until the next change: tries of a line that stays away
 * are the exchange client's own business.
 *
 * @param now milliseconds that only go forward
 */
export function watchLine(
  { what, without }: LineWords,
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): LineWatch {
  let state: StreamStanding['state'] = 'connecting';
  let since = now();
  let reason: string | null = null;
  let toldAt: number | undefined;
  let gapsHealed = 0;
  let wasConnected = false;
  let wasUnreadable = false;

  const turn = (next: StreamStanding['state'], why: string | null, line: string): void => {
    reason = why;
    if (state === next) return;
    state = next;
    since = now();
    say(line);
  };
  const hearGap = (why: GapReason): void => {
    // A silence may be the market's calm.
    if (why === 'silent') return;
    if (wasConnected) gapsHealed += 1;
    if (why === 'connected') {
      wasConnected = true;
      turn('connected', null, `the exchange's stream of ${what} is there`);
    } else if (!wasUnreadable) {
      wasUnreadable = true;
      say(`the exchange's stream of ${what} tells something that cannot be read; REST is asked instead`);
    }
  };

  return {
    hear(news) {
      if (news.kind === 'gap') hearGap(news.reason);
      else if (news.kind === 'offline') {
        const line = `no stream of ${what} from the exchange (${news.reason}): until it is there ${without}`;
        turn('cut', news.reason, line);
      } else {
        const ended = `ERROR the exchange's stream of ${what} has ended: ${news.error.message}. `;
        turn('ended', news.error.message, `${ended}Until that is mended and the bot started again ${without}`);
      }
    },
    noteTold() {
      toldAt = now();
    },
    standing: () => ({
      state,
      forMs: now() - since,
      reason,
      lastNewsMs: toldAt === undefined ? null : now() - toldAt,
      gapsHealed,
    }),
  };
}
