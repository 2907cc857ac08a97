import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { naiveAction, naiveScore, naiveSignals } from './naive-strategies.ts';

/** What holds until an optimizer result is promoted, as docs/strategies.md has it. */
export const WEIGHTS = {
  trend: '0.2',
  momentum: '0.2',
  swing: '0.2',
  scalping: '0.15',
  day: '0.15',
  price_action: '0.1',
};
export const THRESHOLD = '0.2';

/** A row of `durabit decisions --json`, as far as it is compared. */
export interface DecisionRow {
  readonly market: string;
  /** Open of the candle, ISO 8601 UTC. */
  readonly candle: string;
  readonly action: string;
  readonly reason: string;
  readonly signals: Readonly<Record<string, number>> | null;
  readonly weights: Readonly<Record<string, string>> | null;
  readonly threshold: string | null;
  readonly score: string | null;
}

export interface Comparison {
  /** Rows with a vote, each of which was computed again. */
  readonly compared: number;
  /** Rows that by contract carry no vote: `stale`, and `blocked` by a gap. */
  readonly withoutVote: number;
  /** What differs, one line each; empty when every row is as it must be. */
  readonly differences: readonly string[];
}

/**
 * Decides anew about every candle from its candle file alone, by code that the bot does not share: file, signals,
 * score and wish. What depends on the money a market has (whether an order follows) is not computed again.
 *
 * @param files candle file of each market
 */
export function compareWithFiles(rows: readonly DecisionRow[], files: Readonly<Record<string, string>>): Comparison {
  const closes = new Map(Object.entries(files).map(([market, path]) => [market, readCloses(path)]));
  const differences: string[] = [];
  let withoutVote = 0;
  for (const row of rows) {
    const say = (what: string) => differences.push(`${row.market} ${row.candle}: ${what}`);
    const market = closes.get(row.market);
    const index = market?.findIndex(({ candle }) => candle === row.candle) ?? -1;
    if (market === undefined || index < 0) {
      say('a decision about a candle that is not in the file');
      continue;
    }
    if (row.signals === null) {
      withoutVote += 1;
      if (row.action !== 'stale' && !/^gap/.test(row.reason)) say(`${row.action} without a vote: ${row.reason}`);
      continue;
    }
    if (row.action === 'stale') say('stale, and yet with a vote');
    const known = market.slice(0, index + 1).map(({ close }) => close);
    for (const difference of differencesOf(row, known)) say(difference);
  }
  return { compared: rows.length - withoutVote, withoutVote, differences };
}

function differencesOf(row: DecisionRow, closes: readonly string[]): string[] {
  const signals = naiveSignals(closes);
  const score = naiveScore(signals, WEIGHTS);
  const action = naiveAction(score, THRESHOLD);
  const differences: string[] = [];
  if (!isDeepStrictEqual({ ...row.signals }, { ...signals })) {
    differences.push(`signals ${JSON.stringify(row.signals)}, by the file ${JSON.stringify(signals)}`);
  }
  for (const [name, weight] of Object.entries(WEIGHTS)) {
    if (Number(row.weights?.[name]) !== Number(weight)) differences.push(`weight of ${name} ${row.weights?.[name]}`);
  }
  if (Number(row.threshold) !== Number(THRESHOLD)) differences.push(`threshold ${row.threshold}`);
  if (row.score === null || !score.eq(row.score))
    differences.push(`score ${row.score}, by the file ${score.toFixed()}`);
  // Only what would have become an order is blocked.
  const agrees = row.action === 'blocked' ? action !== 'hold' : row.action === action;
  if (!agrees) differences.push(`${row.action}, by the file ${action}`);
  return differences;
}

/** Korean layout (`index`, nine hours ahead of UTC) or UTC layout (`timestamp`); oldest first. */
export function readCloses(path: string): { readonly candle: string; readonly close: string }[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const columns = header.split(',');
  const zone = columns[0] === 'index' ? '+09:00' : 'Z';
  const close = columns.indexOf('close');
  return lines.map((line) => {
    const cells = line.split(',');
    return {
      candle: new Date(`${cells[0]?.replace(' ', 'T')}${zone}`).toISOString(),
      close: cells[close] ?? '',
    };
  });
}
