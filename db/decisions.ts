import { type Selectable, sql } from 'kysely';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import type { CandleRange, DecimalText } from '../strategy/candle.ts';
import type { Db } from './connect.ts';
import type { DecisionsTable } from './schema.ts';

/** A recorded decision, columns as the table names them. */
export type Decision = Selectable<DecisionsTable>;

/** What a decision is about; one is recorded for each, for ever. */
export interface DecisionKey {
  readonly account: string;
  readonly market: Market;
  readonly timeframe: Timeframe;
  /** Open of the candle, UTC epoch milliseconds of market time. */
  readonly candle: number;
  /** What asked for it: `candle` for the strategies' vote on a closed one. */
  readonly trigger: string;
}

export interface NewDecision extends DecisionKey {
  readonly action: Decision['action'];
  /** One sentence for people. */
  readonly reason: string;
  /** What the vote was made of; null for `stale` and where a gap kept it from being taken. */
  readonly vote: Vote | null;
  /** The optimizer result whose weights were in force, where one was. */
  readonly optimizerResult?: string | null;
}

interface Vote {
  readonly signals: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, DecimalText>>;
  readonly threshold: DecimalText;
  readonly score: DecimalText;
  /** Of the canonical text of everything the vote was made from. */
  readonly inputHash: string;
}

export async function findDecision(db: Db, key: DecisionKey): Promise<Decision | undefined> {
  return db
    .selectFrom('decisions')
    .selectAll()
    .where('account', '=', key.account)
    .where('market', '=', key.market)
    .where('timeframe', '=', key.timeframe)
    .where('candle', '=', new Date(key.candle))
    .where('trigger', '=', key.trigger)
    .executeTakeFirst();
}

/**
 * Records a decision unless one is there for the same candle and trigger; then that one is returned, whatever it says:
 * of two runs that decide at once one wins and both act on what it decided.
 */
export async function insertDecision(
  db: Db,
  decision: NewDecision,
): Promise<{ readonly decision: Decision; readonly inserted: boolean }> {
  const inserted = await db
    .insertInto('decisions')
    .values({
      account: decision.account,
      market: decision.market,
      timeframe: decision.timeframe,
      candle: new Date(decision.candle),
      trigger: decision.trigger,
      action: decision.action,
      reason: decision.reason,
      ...voteColumns(decision.vote),
      optimizer_result: decision.optimizerResult ?? null,
    })
    .onConflict((conflict) => conflict.constraint('one_decision_per_candle').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (inserted !== undefined) return { decision: inserted, inserted: true };
  const existing = await findDecision(db, decision);
  if (existing === undefined)
    throw new Error('a decision is there but cannot be read; is this a snapshot transaction?');
  return { decision: existing, inserted: false };
}

function voteColumns(vote: Vote | null) {
  if (vote === null) return { signals: null, weights: null, threshold: null, score: null, input_hash: null };
  return {
    signals: JSON.stringify(vote.signals),
    weights: JSON.stringify(vote.weights),
    threshold: vote.threshold,
    score: vote.score,
    input_hash: vote.inputHash,
  };
}

/**
 * Writes one `stale` decision for every stored candle of the range that has none, from the market's first trading
 * start on; nothing before trading started. Candles without trades are not stored and get no decision.
 *
 * @param range opens of the candles meant, all closed
 * @returns opens of the candles it wrote, oldest first
 */
export async function writeStaleDecisions(
  db: Db,
  account: string,
  market: Market,
  timeframe: Timeframe,
  range: CandleRange,
): Promise<readonly number[]> {
  const { rows } = await sql<{ candle: Date }>`
    INSERT INTO decisions (account, market, timeframe, candle, trigger, action, reason)
    SELECT a.account, a.market, c.timeframe, c.ts, 'candle', 'stale', 'no run decided on it in time'
    FROM market_accounts a JOIN candles c ON c.market = a.market
    WHERE a.account = ${account} AND a.market = ${market} AND c.timeframe = ${timeframe}
      AND c.ts >= greatest(a.trading_since, ${new Date(range.from)}) AND c.ts < ${new Date(range.until)}
      AND a.trading_since IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM decisions d
        WHERE d.account = a.account AND d.market = a.market AND d.timeframe = c.timeframe
          AND d.candle = c.ts AND d.trigger = 'candle')
    ORDER BY c.ts
    ON CONFLICT ON CONSTRAINT one_decision_per_candle DO NOTHING
    RETURNING candle`.execute(db);
  return rows.map((row) => row.candle.getTime());
}

/** Newest first. */
export async function readDecisions(
  db: Db,
  query: { readonly account: string; readonly market?: Market | undefined; readonly limit: number },
): Promise<readonly Decision[]> {
  return db
    .selectFrom('decisions')
    .selectAll()
    .where('account', '=', query.account)
    .$if(query.market !== undefined, (rows) => rows.where('market', '=', query.market as Market))
    .orderBy('candle', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit)
    .execute();
}
