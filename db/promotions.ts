import { type Selectable, sql, type Transaction } from 'kysely';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import { DEFAULT_ENSEMBLE, type Ensemble, InvalidEnsemble, parseEnsemble } from '../strategy/ensemble.ts';
import type { Db } from './connect.ts';
import type { OptimizerResult } from './optimizer-results.ts';
import type { Database, PromotionsTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** A recorded choice, columns as the table names them. */
export type Promotion = Selectable<PromotionsTable>;

/** Whose trading of which market a choice is about. */
export interface WeighedMarket {
  readonly account: string;
  readonly market: Market;
  readonly timeframe: Timeframe;
}

/** What the strategies vote with. */
export interface WeightsInForce {
  readonly ensemble: Ensemble;
  /** The optimizer result it is from; null for the default weights. */
  readonly result: string | null;
}

/**
 * Weights and threshold of the newest promotion, else the default ones.
 *
 * @throws when the promoted set cannot be used by today's strategies: trading on others than chosen would be worse
 */
export async function readWeightsInForce(db: Db, traded: WeighedMarket): Promise<WeightsInForce> {
  const row = await newestPromotion(db, traded)
    .leftJoin('optimizer_results as r', 'r.id', 'p.optimizer_result')
    .select(['r.id', 'r.params'])
    .executeTakeFirst();
  if (!row?.id || !row.params) return { ensemble: DEFAULT_ENSEMBLE, result: null };
  try {
    return { ensemble: parseEnsemble(row.params), result: row.id };
  } catch (error) {
    if (!(error instanceof InvalidEnsemble)) throw error;
    throw new Error(
      `optimizer result ${row.id}, in force in ${traded.market}, cannot be used: ${error.message}. ` +
        `Choose another: npx durabit weights use default --market ${traded.market}`,
    );
  }
}

/** The newest choice; undefined before the first. */
export function readNewestPromotion(db: Db, traded: WeighedMarket): Promise<Promotion | undefined> {
  return newestPromotion(db, traded).selectAll('p').executeTakeFirst();
}

function newestPromotion(db: Db, { account, market, timeframe }: WeighedMarket) {
  return db
    .selectFrom('promotions as p')
    .where('p.account', '=', account)
    .where('p.market', '=', market)
    .where('p.timeframe', '=', timeframe)
    .orderBy('p.id', 'desc')
    .limit(1);
}

/** A choice that holds, and what it holds. */
export interface PromotionInForce extends Promotion {
  /** Since when the same has been in force without a break: handing it back, or choosing it again, begins nothing new. */
  readonly since: Date;
  /** Weights and threshold; null for the default ones. */
  readonly params: OptimizerResult['params'] | null;
}

/** The newest choice of each market of an account. */
export function readPromotions(db: Db, account: string): Promise<readonly PromotionInForce[]> {
  return db
    .with('newest', (query) =>
      query
        .selectFrom('promotions')
        .selectAll()
        .distinctOn(['market', 'timeframe'])
        .where('account', '=', account)
        .orderBy('market')
        .orderBy('timeframe')
        .orderBy('id', 'desc'),
    )
    .selectFrom('newest as n')
    .leftJoin('optimizer_results as r', 'r.id', 'n.optimizer_result')
    .selectAll('n')
    .select([
      'r.params',
      sql<Date>`(
        SELECT min(s.at) FROM promotions s
        WHERE (s.account, s.market, s.timeframe) = (n.account, n.market, n.timeframe) AND s.id > coalesce((
          SELECT max(o.id) FROM promotions o
          WHERE (o.account, o.market, o.timeframe) = (n.account, n.market, n.timeframe)
            AND o.optimizer_result IS DISTINCT FROM n.optimizer_result), 0)
      )`.as('since'),
    ])
    .orderBy('n.market')
    .orderBy('n.timeframe')
    .execute();
}

/** Runs `work` while nobody else chooses for that market. Traders, who only read, wait for nothing. */
export function whileChoosing<T>(
  db: Db,
  { account, market, timeframe }: WeighedMarket,
  work: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  return inTransaction(db, async (trx) => {
    const name = `promotions ${account} ${market} ${timeframe}`;
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(trx);
    return work(trx);
  });
}

export async function insertPromotion(
  trx: Transaction<Database>,
  { account, market, timeframe }: WeighedMarket,
  choice: Pick<Promotion, 'optimizer_result' | 'chosen_by' | 'reason'>,
): Promise<void> {
  await trx
    .insertInto('promotions')
    .values({ account, market, timeframe, ...choice })
    .execute();
}

/** Whether that result was ever promoted by the optimizer itself. */
export async function wasPromoted(db: Db, account: string, result: string): Promise<boolean> {
  const row = await db
    .selectFrom('promotions')
    .select('id')
    .where('account', '=', account)
    .where('optimizer_result', '=', result)
    .where('chosen_by', '=', 'in-sample')
    .executeTakeFirst();
  return row !== undefined;
}
