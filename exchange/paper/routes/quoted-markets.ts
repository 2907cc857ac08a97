import type { Market } from '../../../config/market.ts';
import type { History } from '../feed/history.ts';
import { quotationFault } from '../wire/exchange-error.ts';
import { quotationText } from './query.ts';

type Histories = ReadonlyMap<Market, History>;

/** The market a request asks about in `market`. @throws {QuotationError} when it names none, or one that is not here */
export function marketOf(histories: Histories, query: URLSearchParams): [Market, History] {
  return named(histories, quotationText(query, 'market'));
}

/** The markets a request lists in `markets`. @throws {QuotationError} when it names none, or any that is not here */
export function marketsOf(histories: Histories, query: URLSearchParams): [Market, History][] {
  const codes = quotationText(query, 'markets');
  if (codes === undefined) throw quotationFault.missing();
  return codes.split(',').map((code) => named(histories, code.trim()));
}

function named(histories: Histories, code: string | undefined): [Market, History] {
  if (code === undefined) throw quotationFault.missing();
  const history = histories.get(code as Market);
  if (history === undefined) throw quotationFault.codeNotFound();
  return [code as Market, history];
}
