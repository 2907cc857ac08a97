import type { TradingModeSettings } from './trading-mode.ts';
import { UserError } from './user-error.ts';

/** What makes a search's best be traded on by itself: nothing, or having done best on the candles it was found on. */
export const PROMOTION_RULES = ['off', 'in-sample'] as const;

export type PromotionRule = (typeof PROMOTION_RULES)[number];

/**
 * The rule in force: what `PROMOTION` says; else `in-sample` on the paper exchange of `durabit up`, so that the loop can
 * be seen, and `off` everywhere else.
 *
 * @throws {UserError} for `in-sample` with anything but paper money
 */
export function promotionRule(
  settings: Pick<TradingModeSettings, 'TRADING_MODE' | 'UPBIT_BASE_URL'> & {
    readonly PROMOTION?: PromotionRule | undefined;
  },
): PromotionRule {
  const { PROMOTION: rule, TRADING_MODE: mode, UPBIT_BASE_URL: url } = settings;
  if (rule === 'in-sample' && mode !== undefined && mode !== 'paper') {
    throw new UserError(
      `PROMOTION=in-sample with TRADING_MODE=${mode}: figures on the candles a search was made on promise nothing, so ` +
        'that they decide about paper money only. Remove PROMOTION, or set PROMOTION=off',
      2,
    );
  }
  return rule ?? (url === undefined ? 'in-sample' : 'off');
}

/** Whether an account, as the ledger names it, holds paper money. */
export function holdsPaperMoney(account: string): boolean {
  return account.startsWith('paper-');
}
