import type { Market } from '../../../config/market.ts';
import { quotationFault } from '../wire/exchange-error.ts';
import { quotationText } from './query.ts';

/** What is known of each market that is here. */
type Quoted<T> = ReadonlyMap<Market, T>;

/** The market a request asks about in `market`. @throws {QuotationError} when it names none, or one that is not here */
export function marketOf<T>(quoted: Quoted<T>, query: URLSearchParams): [Market, T] {
  return named(quoted, quotationText(query, 'market'));
}

/** The markets a request lists in `markets`. @throws {QuotationError} when it names none, or any that is not here */
export function marketsOf<T>(quoted: Quoted<T>, query: URLSearchParams): [Market, T][] {
  const codes = quotationText(query, 'markets');
  if (codes === undefined) throw quotationFault.missing();
  return codes.split(',').map((code) => named(quoted, code.trim()));
}

function named<T>(quoted: Quoted<T>, code: string | undefined): [Market, T] {
  if (code === undefined) throw quotationFault.missing();
  const known = quoted.get(code as Market);
  if (known === undefined) throw quotationFault.codeNotFound();
  return [code as Market, known];
}
