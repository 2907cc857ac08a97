import type { Market } from '../config/market.ts';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import { recordCashFlow } from './cash-flows.ts';
import type { Db } from './connect.ts';
import { lockTradingState } from './trading-state.ts';
import { inTransaction } from './transaction.ts';

export interface MarketAccountsEnsured {
  /** Whether this call found an account without any sub-account, and shared the KRW. */
  readonly firstStart: boolean;
  /** Sub-accounts it made, in the order given. */
  readonly added: readonly Market[];
}

/**
 * Gives every market a sub-account. At an account's first start the KRW found is shared equally: whole won each, what
 * is left over to the first, each share recorded as a cash flow. A market added later starts with nothing: the money
 * is in the others' hands, and only its owner moves it (`allocate`). Idempotent, also for several starting at once.
 *
 * @param totalKrw the exchange's free KRW; looked at on the first start only
 */
export function ensureMarketAccounts(
  db: Db,
  account: string,
  markets: readonly Market[],
  totalKrw: DecimalText,
): Promise<MarketAccountsEnsured> {
  return inTransaction(db, async (trx) => {
    await lockTradingState(trx, account);
    const rows = await trx.selectFrom('market_accounts').select('market').where('account', '=', account).execute();
    const there = new Set(rows.map((row) => row.market));
    const added = [...new Set(markets)].filter((market) => !there.has(market));
    if (added.length === 0) return { firstStart: false, added };

    await trx
      .insertInto('market_accounts')
      .values(added.map((market) => ({ account, market })))
      .execute();
    if (there.size > 0) return { firstStart: false, added };
    const shares = shareEqually(totalKrw, added.length);
    for (const [index, market] of added.entries()) {
      const cash = shares[index] ?? '0';
      if (cash === '0') continue;
      const note = `first start: ${totalKrw} KRW shared among ${added.length}`;
      await recordCashFlow(trx, { account, market, kind: 'allocate', cash, note });
    }
    return { firstStart: true, added };
  });
}

/** Whole won for each; what does not divide, fractions of a won included, goes to the first. */
function shareEqually(total: DecimalText, among: number): readonly DecimalText[] {
  const share = new Exact(total).div(among).floor();
  const first = new Exact(total).minus(share.times(among - 1));
  return Array.from({ length: among }, (_, index) => decimalText(index === 0 ? first : share));
}
