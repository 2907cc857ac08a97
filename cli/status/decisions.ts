import type { DecisionSummary } from '../../db/decision-summary.ts';
import { kst, type Page, renderTable, span, wrapped } from '../output.ts';
import type { Finding, StatusFacts } from './facts.ts';
import { share } from './figures.ts';
import { isPaused, isSettled, toleratedLagMs } from './tolerance.ts';

/** Above this share the machine is too slow for its markets. One or two stale candles of a few are no share yet. */
const TOLERATED_STALE = { share: 0.05, candles: 2 };
/** Longest beginning of a line that the lines below it are indented by. */
const DEEPEST_INDENT = 20;

/** What was decided last in each market and why, and how many candles of the last hour were decided on in time. */
export function decisionsText({ decisions }: StatusFacts, page: Page): string {
  const rows = decisions.map((row) => ({
    market: row.market,
    candle: row.candle === null ? '' : kst(row.candle).slice(5, 16),
    action: row.action ?? 'none yet',
    live: inTime(row),
  }));
  const table = renderTable(rows, [
    ['market', 'LAST DECISION'],
    ['candle', 'CANDLE KST'],
    ['action', 'ACTION'],
    ['live', 'IN TIME 1 H'],
  ]);
  const [heading = '', ...lines] = table.split('\n');
  const width = Math.max(heading.length, ...lines.map((line) => line.length)) + 2;
  const texts = lines.map((line, index) => {
    const whole = `${line.padEnd(width)}${decisions[index]?.reason ?? ''}`.trimEnd();
    return wrapped(whole, page.columns, ' '.repeat(Math.min(width, DEEPEST_INDENT)));
  });
  return [`${heading.padEnd(width)}WHY`, ...texts].join('\n');
}

function inTime({ live, stale, stale_while_paused: paused }: DecisionSummary): string {
  return `${live} of ${live + stale - paused}${paused === 0 ? '' : `, ${paused} while paused`}`;
}

/** Of a running bot: decisions that were blocked, came too late, or do not come. */
export function decisionFindings(facts: StatusFacts): Finding[] {
  if (facts.instance?.state !== 'ready') return [];
  return facts.decisions
    .filter((row) => facts.instance?.markets.includes(row.market))
    .flatMap((row) => [...blocked(row), ...stale(row), ...notDeciding(row, facts)]);
}

function blocked({ market, action, reason }: DecisionSummary): Finding[] {
  if (action !== 'blocked') return [];
  const problem = `its last decision is blocked: ${reason}`;
  return [{ about: market, problem, cure: cureOfBlocked(reason ?? '') }];
}

function cureOfBlocked(reason: string): string {
  if (reason.startsWith('gap')) return 'it trades again when the minutes are collected: npx durabit candles --gaps';
  if (/ closed candles are fewer than /.test(reason)) return 'it trades as soon as enough candles have closed';
  if (/; trading is (halted|reducing)\b/.test(reason)) return 'it trades again after: npx durabit unhalt';
  return 'it trades again when that order is settled: npx durabit orders';
}

/** What a pause left undecided is no fault of the machine: the pause itself is among the findings. */
function stale({ market, live, stale: missed, stale_while_paused: paused }: DecisionSummary): Finding[] {
  const late = missed - paused;
  const all = live + late;
  if (late <= TOLERATED_STALE.candles || late / all <= TOLERATED_STALE.share) return [];
  const problem = `${late} of the last hour's ${all} candles (${share(late / all)}) were not decided on in time`;
  const cure =
    'the bot was down, trading was paused, or the machine is too slow: then fewer markets or a lower --speed';
  return [{ about: market, problem, cure }];
}

/** Candles are there, and nobody decides about them. */
function notDeciding(row: DecisionSummary, facts: StatusFacts): Finding[] {
  const { instance } = facts;
  const newest = facts.candles.find((summary) => summary.market === row.market)?.newest;
  if (instance === null || !newest || isPaused(facts, `trade-${row.market}`)) return [];
  const cure = 'see that the trader is up, then: npx durabit schedules; npx durabit doctor';
  if (row.candle === null) {
    if (!isSettled(instance)) return [];
    return [{ about: row.market, problem: 'nothing decided yet although candles are there', cure }];
  }
  const behindMs = newest.getTime() - row.candle.getTime();
  if (behindMs <= toleratedLagMs(instance)) return [];
  return [{ about: row.market, problem: `no decision for ${span(behindMs)} of market time`, cure }];
}
