import type { StreamReport } from '../../db/stream-reports.ts';
import { type Page, renderTable, span } from '../output.ts';
import type { Finding, StatusFacts } from './facts.ts';

/** A stream comes back by itself within seconds, or minutes where the exchange says when to try again. */
const TOLERATED_MS = 10 * 60_000;

/** What holds while a stream tells nothing. */
const WITHOUT = 'nothing is missed: it is asked for as with FEED_MODE=rest';

/** A line for each of the exchange's streams that somebody listens to. */
export function streamsText({ streams, read_at: now }: Pick<StatusFacts, 'streams' | 'read_at'>, page: Page): string {
  const rows = streams.map((report) => ({
    stream: report.stream,
    state: stateText(report, now),
    news: report.last_news_at === null ? 'none yet' : `${ago(report.last_news_at, now)} ago`,
    gaps: report.gaps_healed,
    why: report.reason ?? '',
  }));
  const columns = [
    ['stream', 'STREAM'],
    ['state', 'STATE'],
    ['news', 'LAST NEWS'],
    ['gaps', 'GAPS HEALED'],
  ] as const;
  const why = rows.some((row) => row.why !== '') ? ([['why', 'WHY']] as const) : [];
  return renderTable(rows, [...columns, ...why], page.columns);
}

function stateText({ state, since, reported_at: reportedAt, stale }: StreamReport, now: Date): string {
  return stale ? `no report for ${ago(reportedAt, now)}, then ${state}` : `${state} for ${ago(since, now)}`;
}

/** What is noted a moment after the reading began is of now. */
function ago(instant: Date, now: Date): string {
  return span(Math.max(0, now.getTime() - instant.getTime()));
}

/** Streams that do not come back. One that nobody reports of is missed where its worker is. */
export function streamFindings({ streams, read_at: now }: Pick<StatusFacts, 'streams' | 'read_at'>): Finding[] {
  return streams.flatMap(({ stream, state, since, reason, stale }): Finding[] => {
    if (stale || state === 'connected') return [];
    const about = `stream of ${stream}`;
    const why = reason === null ? '' : `: ${reason}`;
    if (state === 'ended') {
      const cure = `${WITHOUT}; npx durabit doctor looks at the key; when that is mended, start the bot again`;
      return [{ about, problem: `ended, and not tried again${why}`, cure }];
    }
    if (now.getTime() - since.getTime() <= TOLERATED_MS) return [];
    const cure = `${WITHOUT}; see that nothing between here and the exchange keeps WebSockets out`;
    return [{ about, problem: `${state} for ${ago(since, now)}${why}`, cure }];
  });
}
