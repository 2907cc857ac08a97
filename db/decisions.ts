import { type Selectable, sql } from 'kysely';
import type { Market } from '../config/market.ts';
import { type Timeframe, timeframeMs } from '../config/timeframe.ts';
import type { CandleRange, DecimalText } from '../strategy/candle.ts';
import type { Db } from './connect.ts';
import type { ListQuery } from './list-query.ts';
import type { DecisionsTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

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

/** Most candles one transaction looks at: while it does, the market's collector waits. */
const CANDLES_AT_ONCE = 20_000;
/**
 * The newest stretch is looked at again until it is this long, which costs a look into an index each, rather than noted
 * at every run: the note locks out the collector, and runs come at the closes when it is busy.
 */
const UNNOTED_CANDLES = 100;

/**
 * Writes one `stale` decision for every stored candle of the range that has none, from the market's first trading
 * start on; nothing before trading started. Candles without trades are not stored and get no decision.
 *
 * Looks only where something can be missing: what `decision_coverage` names has been found complete, and whoever
 * stores a candle there later takes its minute out again. So a run costs what came since the last one, however long the
 * market has been traded, and an old hole that is filled is seen by the next run.
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
  const key = { account, market, timeframe };
  const written: number[] = [];
  const stretches = await readUndecided(db, key, range);
  for (const stretch of stretches) {
    const { from, until } = stretch;
    if (stretch === stretches.at(-1) && until - from < UNNOTED_CANDLES * timeframeMs(timeframe)) {
      written.push(...(await insertStale(db, key, stretch)));
      continue;
    }
    for (let start: number | undefined = from; start !== undefined; ) {
      const end: number | undefined = await findCandle(db, key, { from: start, until }, CANDLES_AT_ONCE);
      written.push(...(await completeDecisions(db, key, { from: start, until: end ?? until })));
      start = end;
    }
  }
  return written;
}

type DecidedMarket = Pick<DecisionKey, 'account' | 'market' | 'timeframe'>;

/** Stretches of the range that hold candles, or settled minutes, not yet known to be decided; oldest first. */
async function readUndecided(
  db: Db,
  { account, market, timeframe }: DecidedMarket,
  range: CandleRange,
): Promise<readonly CandleRange[]> {
  const { rows } = await sql<{ from: Date; until: Date }>`
    SELECT lower(r) AS from, upper(r) AS until
    FROM (
      SELECT greatest(trading_since, ${new Date(range.from)}) AS since,
        coalesce((SELECT decided FROM decision_coverage WHERE (account, market, timeframe)
                  = (${account}, ${market}, ${timeframe})), '{}') AS decided,
        coalesce((SELECT covered FROM candle_coverage WHERE (market, timeframe)
                  = (${market}, ${timeframe})), '{}') AS covered
      FROM market_accounts WHERE account = ${account} AND market = ${market} AND trading_since IS NOT NULL
    ) a,
    LATERAL unnest(tstzmultirange(tstzrange(since, greatest(since, ${new Date(range.until)}))) - decided) AS r
    -- A hole nobody has filled yet has nothing to look at.
    WHERE r && covered OR EXISTS (
      SELECT FROM candles c
      WHERE c.market = ${market} AND c.timeframe = ${timeframe} AND c.ts >= lower(r) AND c.ts < upper(r) OFFSET 0)
    ORDER BY r`.execute(db);
  return rows.map((row) => ({ from: row.from.getTime(), until: row.until.getTime() }));
}

/** Open of the candle stored `count` places after the first of the range; undefined when there are fewer. */
async function findCandle(
  db: Db,
  { market, timeframe }: DecidedMarket,
  { from, until }: CandleRange,
  count: number,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('candles')
    .select('ts')
    .where('market', '=', market)
    .where('timeframe', '=', timeframe)
    .where('ts', '>=', new Date(from))
    .where('ts', '<', new Date(until))
    .orderBy('ts')
    .offset(count)
    .limit(1)
    .executeTakeFirst();
  return row?.ts.getTime();
}

/** Writes what is missing in the stretch and notes that its settled minutes are complete. */
function completeDecisions(db: Db, key: DecidedMarket, stretch: CandleRange): Promise<readonly number[]> {
  const { account, market, timeframe } = key;
  return inTransaction(db, async (trx) => {
    // Whoever stores candles holds this row: nothing is stored between the look and the note, and later candles find
    // the note.
    const { rows } = await sql<{ covered: string }>`
      SELECT covered FROM candle_coverage WHERE market = ${market} AND timeframe = ${timeframe} FOR SHARE`.execute(trx);
    const written = await insertStale(trx, key, stretch);
    await sql`
      INSERT INTO decision_coverage AS d (account, market, timeframe, decided)
      SELECT ${account}, ${market}, ${timeframe}, ${rows[0]?.covered ?? '{}'}::tstzmultirange
             * tstzmultirange(tstzrange(${new Date(stretch.from)}, ${new Date(stretch.until)}))
      ON CONFLICT (account, market, timeframe) DO UPDATE SET decided = d.decided + excluded.decided
      WHERE NOT (excluded.decided <@ d.decided)`.execute(trx);
    return written;
  });
}

async function insertStale(
  db: Db,
  { account, market, timeframe }: DecidedMarket,
  { from, until }: CandleRange,
): Promise<readonly number[]> {
  // OFFSET 0 keeps the test a look into the index for each candle: joined, a plan may read all decisions there are.
  const { rows } = await sql<{ candle: Date }>`
    INSERT INTO decisions (account, market, timeframe, candle, trigger, action, reason)
    SELECT ${account}, c.market, c.timeframe, c.ts, 'candle', 'stale', 'no run decided on it in time'
    FROM candles c
    WHERE c.market = ${market} AND c.timeframe = ${timeframe}
      AND c.ts >= ${new Date(from)} AND c.ts < ${new Date(until)}
      AND NOT EXISTS (
        SELECT FROM decisions d
        WHERE d.account = ${account} AND d.market = c.market AND d.timeframe = c.timeframe
          AND d.candle = c.ts AND d.trigger = 'candle' OFFSET 0)
    ORDER BY c.ts
    ON CONFLICT ON CONSTRAINT one_decision_per_candle DO NOTHING
    RETURNING candle`.execute(db);
  return rows.map((row) => row.candle.getTime());
}

/** Newest first. */
export async function readDecisions(db: Db, query: ListQuery): Promise<readonly Decision[]> {
  return db
    .selectFrom('decisions')
    .selectAll()
    .where('account', '=', query.account)
    .$if(query.market !== undefined, (rows) => rows.where('market', '=', query.market as string))
    .orderBy('candle', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit)
    .execute();
}
