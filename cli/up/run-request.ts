import type { Market } from '../../config/market.ts';
import { parseMarket } from '../../config/market.ts';
import type { Settings } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import type { BookShape } from '../../exchange/matching/book/parameters.ts';
import { marketsOfReplayFiles } from '../../exchange/paper/feed/replay-market.ts';
import type { FeedName } from './feed-choice.ts';

/** What a run was asked for, checked. */
export interface RunRequest {
  readonly feed: FeedName;
  /** Where live prices come from; left out where prices are made here. */
  readonly source?: string | undefined;
  /** Absolute paths. */
  readonly replay: readonly string[];
  readonly markets: readonly Market[];
  /** Market seconds in a second. */
  readonly speed: number;
  readonly seed: number;
  /** Left out: everything trades at the last price. */
  readonly book?: BookShape | undefined;
}

export interface FeedOptions {
  readonly feed: FeedName;
  readonly replay: readonly string[];
  readonly markets?: readonly Market[];
}

/** What `npm start` collects when nothing says otherwise. */
const DEFAULT_MARKETS: readonly Market[] = [parseMarket('KRW-BTC')];

/**
 * The markets of a run: those asked for, else the MARKETS setting, else those of the replay files, else KRW-BTC.
 *
 * @throws {UserError} when feed and files do not fit each other
 */
export function marketsOf(options: FeedOptions, settings: Settings): readonly Market[] {
  if (options.feed === 'replay' && options.replay.length === 0) {
    throw new UserError('--feed replay needs at least one --replay FILE', 2);
  }
  if (options.feed !== 'replay' && options.replay.length > 0) {
    throw new UserError(`--replay goes with --feed replay, not with --feed ${options.feed}`, 2);
  }
  const asked = options.markets ?? settings.MARKETS;
  if (asked !== undefined) return asked;
  return options.feed === 'replay' ? marketsOfReplayFiles(options.replay) : DEFAULT_MARKETS;
}
