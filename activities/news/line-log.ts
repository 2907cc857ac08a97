import type { GapReason, LineNews } from '../../exchange/live-port.ts';

/** How a line is called in the log. */
export interface LineWords {
  /** What it tells of. */
  readonly what: string;
  /** What holds while it tells nothing. */
  readonly without: string;
}

/**
 * Tells the operator when a line comes, goes and ends, each once until the next change: tries of a line that stays away
 * are the exchange client's own business.
 */
export function lineLog({ what, without }: LineWords, say: (line: string) => void) {
  let state: 'coming' | 'there' | 'gone' = 'coming';
  let wasUnreadable = false;
  return (news: LineNews | { readonly kind: 'gap'; readonly reason: GapReason }): void => {
    if (news.kind === 'stopped') {
      say(
        `ERROR the exchange's stream of ${what} has ended: ${news.error.message}. ` +
          `Until that is mended and the bot started again ${without}`,
      );
    } else if (news.kind === 'offline') {
      if (state !== 'gone')
        say(`no stream of ${what} from the exchange (${news.reason}): until it is there ${without}`);
      state = 'gone';
    } else if (news.reason === 'connected') {
      if (state !== 'there') say(`the exchange's stream of ${what} is there`);
      state = 'there';
    } else if (news.reason === 'unreadable' && !wasUnreadable) {
      wasUnreadable = true;
      say(`the exchange's stream of ${what} tells something that cannot be read; REST is asked instead`);
    }
  };
}
