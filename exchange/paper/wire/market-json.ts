import { baseCurrency, type Market } from '../../../config/market.ts';

const NAMES: Readonly<Record<string, readonly [korean: string, english: string]>> = {
  BTC: ['비트코인', 'Bitcoin'],
  ETH: ['이더리움', 'Ethereum'],
  XRP: ['리플', 'XRP'],
  SOL: ['솔라나', 'Solana'],
  DOGE: ['도지코인', 'Dogecoin'],
};

/** A market in the list of all; coins without a name here are called by their code. */
export function marketJson(market: Market, details: boolean): Record<string, unknown> {
  const base = baseCurrency(market);
  const [korean, english] = NAMES[base] ?? [base, base];
  const names = { market, korean_name: korean, english_name: english };
  if (!details) return names;
  const caution = {
    PRICE_FLUCTUATIONS: false,
    TRADING_VOLUME_SOARING: false,
    DEPOSIT_AMOUNT_SOARING: false,
    GLOBAL_PRICE_DIFFERENCES: false,
    CONCENTRATION_OF_SMALL_ACCOUNTS: false,
  };
  return { ...names, market_event: { warning: false, caution } };
}
