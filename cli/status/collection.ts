import type { CandleSummary } from '../../db/candles.ts';
import { grouped, kst, type Page, renderTable, span } from '../output.ts';
import type { BotFacts, Finding, StatusFacts } from './facts.ts';
import { isPaused, isSettled, toleratedLagMs } from './tolerance.ts';

/** How complete the record of each market is. */
export function collectionText(candles: readonly CandleSummary[], page: Page): string {
  if (candles.length === 0) return 'CANDLES none collected yet';
  const minute = (instant: Date | null) => (instant === null ? '' : kst(instant).slice(0, 16));
  const rows = candles.map((summary) => ({
    market: summary.market,
    candles: grouped(String(summary.candles)),
    newest: minute(summary.newest),
    since: minute(summary.covered_from),
    no_trade: summary.no_trade,
    missing: summary.missing,
    corrected: summary.corrected,
    late: summary.late,
  }));
  return renderTable(
    rows,
    [
      ['market', 'CANDLES'],
      ['candles', 'STORED'],
      ['newest', 'NEWEST KST'],
      ['since', 'SINCE KST'],
      ['no_trade', 'NO TRADE'],
      ['missing', 'MISSING'],
      ['corrected', 'CORRECTED'],
      ['late', 'LATE'],
    ],
    page.columns,
  );
}

/** Minutes that nobody has asked for, and markets a running bot is behind with. */
export function collectionFindings(facts: StatusFacts): Finding[] {
  const gaps = facts.candles
    .filter((summary) => summary.missing > 0)
    .map(({ market, missing }) => ({
      about: market,
      problem: `${missing} ${missing === 1 ? 'minute' : 'minutes'} not collected yet`,
      cure: 'they heal by themselves while it runs; see: npx durabit candles --gaps',
    }));
  const { instance, market_time: clock, stored } = facts;
  if (instance?.state !== 'ready' || clock === null || !stored) return gaps;
  return [...gaps, ...instance.markets.flatMap((market) => lagging(market, clock, instance, facts))];
}

function lagging(market: string, clock: Date, instance: BotFacts, facts: StatusFacts): Finding[] {
  if (isPaused(facts, `collect-${market}`)) return [];
  const until = facts.candles.find((summary) => summary.market === market)?.covered_until;
  const cure = 'see that collector and exchange are up, then: npx durabit schedules; npx durabit doctor';
  if (!until) return isSettled(instance) ? [{ about: market, problem: 'nothing collected yet', cure }] : [];
  const behindMs = clock.getTime() - until.getTime();
  if (behindMs <= toleratedLagMs(instance)) return [];
  return [{ about: market, problem: `not collected for ${span(behindMs)} of market time`, cure }];
}
