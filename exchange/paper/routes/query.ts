import type { FastifyRequest } from 'fastify';
import { ExchangeError, quotationFault } from '../wire/exchange-error.ts';
import { parseInstant } from '../wire/times.ts';

/** The query string as it was sent, without the question mark; empty when there is none. */
export function rawQueryOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

export function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(rawQueryOf(request));
}

/** A parameter of the Quotation API; undefined when it is left out or empty. */
export function quotationText(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

/** A whole number of the Quotation API, from 1; undefined when it is left out. @throws {QuotationError} */
export function quotationNumber(query: URLSearchParams, name: string): number | undefined {
  const text = quotationText(query, name);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,9}$/.test(text)) throw quotationFault.wrongType();
  if (Number(text) < 1) throw quotationFault.invalid();
  return Number(text);
}

/** How many are asked for: one unless said; more than `most` is cut without a word. @throws {QuotationError} */
export function quotationCount(query: URLSearchParams, most: number): number {
  return Math.min(quotationNumber(query, 'count') ?? 1, most);
}

/** `to` of the candles in epoch ms; the end of time when it is left out. @throws {QuotationError} */
export function quotationTo(query: URLSearchParams): number {
  const text = quotationText(query, 'to');
  const to = text === undefined ? Number.POSITIVE_INFINITY : parseInstant(text);
  if (to === undefined) throw quotationFault.invalid();
  return to;
}

/** Whether something is asked for besides. @throws {QuotationError} */
export function quotationFlag(query: URLSearchParams, name: string): boolean | undefined {
  const text = quotationText(query, name);
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false') throw quotationFault.wrongType();
  return text === 'true';
}

/** The Exchange API's answer to a parameter it cannot do anything with. */
export function invalidParameter(message: string): ExchangeError {
  return new ExchangeError(400, 'invalid_parameter', message);
}

/** A whole number of the Exchange API between 1 and `most`; more is cut. @throws {ExchangeError} */
export function exchangeCount(query: URLSearchParams, name: string, fallback: number, most: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    throw invalidParameter(`${name} must be a whole number from 1`);
  }
  return Math.min(Number(text), most);
}

/** Which end of a list comes first; the newest unless said. @throws {ExchangeError} */
export function isNewestFirst(query: URLSearchParams): boolean {
  const order = query.get('order_by') ?? 'desc';
  if (order !== 'desc' && order !== 'asc') throw invalidParameter('order_by must be one of desc, asc');
  return order === 'desc';
}

/** An instant of the Exchange API in epoch ms, given as ISO 8601 or ms. @throws {ExchangeError} */
export function exchangeInstant(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const instant = /^\d{12,14}$/.test(text) ? Number(text) : parseInstant(text);
  if (instant === undefined) throw invalidParameter(`${name} is not a time`);
  return instant;
}
