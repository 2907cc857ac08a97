import { type Selectable, sql, type Transaction } from 'kysely';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import { DEFAULT_ENSEMBLE, type Ensemble, InvalidEnsemble, parseEnsemble } from '../strategy/ensemble.ts';
import type { Db } from './connect.ts';
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
export async function readWeightsInForce(
  db: Db,
  { account, market, timeframe }: WeighedMarket,
): Promise<WeightsInForce> {
  const row = await db
    .selectFrom('promotions as p')
    .leftJoin('optimizer_results as r', 'r.id', 'p.optimizer_result')
    .select(['r.id', 'r.params'])
    .where('p.account', '=', account)
    .where('p.market', '=', market)
    .where('p.timeframe', '=', timeframe)
    .orderBy('p.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row?.id || !row.params) return { ensemble: DEFAULT_ENSEMBLE, result: null };
  try {
    return { ensemble: parseEnsemble(row.params), result: row.id };
  } catch (error) {
    if (!(error instanceof InvalidEnsemble)) throw error;
    throw new Error(
      `optimizer result ${row.id}, in force in ${market}, cannot be used: ${error.message}. ` +
        `Choose another: durabit weights use default --market ${market}`,
    );
  }
}

/** The newest choice; undefined before the first. */
export async function readNewestPromotion(
  db: Db,
  { account, market, timeframe }: WeighedMarket,
): Promise<Promotion | undefined> {
  return db
    .selectFrom('promotions')
    .selectAll()
    .where('account', '=', account)
    .where('market', '=', market)
    .where('timeframe', '=', timeframe)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The newest choice of each market of an account. */
export async function readPromotions(db: Db, account: string): Promise<readonly Promotion[]> {
  return db
    .selectFrom('promotions')
    .selectAll()
    .distinctOn(['market', 'timeframe'])
    .where('account', '=', account)
    .orderBy('market')
    .orderBy('timeframe')
    .orderBy('id', 'desc')
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
