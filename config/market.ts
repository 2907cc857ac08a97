import { UserError } from './user-error.ts';

/** A KRW market as Upbit writes it, quote first: `KRW-BTC`. */
export type Market = `KRW-${string}` & { readonly __brand: 'Market' };

const KRW_MARKET = /^KRW-[A-Z0-9]{1,12}$/;

export function isMarket(text: string): text is Market {
  return KRW_MARKET.test(text);
}

/** @throws {UserError} when `text` is not a KRW market code. */
export function parseMarket(text: string): Market {
  if (!isMarket(text)) {
    throw new UserError(
      `market "${text}" is not a KRW market of Upbit; write it as Upbit does, quote currency first: KRW-BTC`,
      2,
    );
  }
  return text;
}

/** The coin of a market: `BTC` of `KRW-BTC`. */
export function baseCurrency(market: Market): string {
  return market.slice('KRW-'.length);
}
