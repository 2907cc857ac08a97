import { baseCurrency, type Market } from '../../../config/market.ts';
import type { Balance, Balances } from '../../matching/balances.ts';
import { MAX_TOTAL_KRW, MIN_TOTAL_KRW } from '../../matching/check-order.ts';
import type { Decimal } from '../../matching/exact.ts';

/** Every currency the account holds something of, KRW always; `balance` is net of `locked`. */
export function accountsJson(balances: Balances): Record<string, unknown>[] {
  return [...balances]
    .filter(([currency, { free, locked }]) => currency === 'KRW' || !free.isZero() || !locked.isZero())
    .map(([currency, balance]) => accountJson(currency, balance));
}

/** What may be ordered in a market, at what fee, from which balances. */
export function chanceJson(market: Market, balances: Balances, feeRate: Decimal): Record<string, unknown> {
  const base = baseCurrency(market);
  const fee = feeRate.toFixed();
  const minimum = MIN_TOTAL_KRW.toFixed();
  const common = ['limit', 'limit_ioc', 'limit_fok', 'limit_post_only', 'best_ioc', 'best_fok'];
  return {
    bid_fee: fee,
    ask_fee: fee,
    maker_bid_fee: fee,
    maker_ask_fee: fee,
    market: {
      id: market,
      name: `${base}/KRW`,
      order_types: ['limit'],
      order_sides: ['ask', 'bid'],
      bid_types: [...common, 'price'],
      ask_types: [...common, 'market'],
      bid: { currency: 'KRW', min_total: minimum },
      ask: { currency: base, min_total: minimum },
      max_total: MAX_TOTAL_KRW.toFixed(),
      state: 'active',
    },
    bid_account: accountJson('KRW', balances.get('KRW')),
    ask_account: accountJson(base, balances.get(base)),
  };
}

function accountJson(currency: string, balance: Balance | undefined): Record<string, unknown> {
  return {
    currency,
    balance: balance?.free.toFixed() ?? '0',
    locked: balance?.locked.toFixed() ?? '0',
    avg_buy_price: balance?.averageBuyPrice.toFixed() ?? '0',
    avg_buy_price_modified: false,
    unit_currency: 'KRW',
  };
}
