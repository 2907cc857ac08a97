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

/** A whole number of the Quotation API, from 1. @throws {QuotationError} */
export function quotationCount(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  if (!/^-?\d{1,9}$/.test(text)) throw quotationFault.wrongType();
  if (Number(text) < 1) throw quotationFault.invalid();
  return Number(text);
}

/** A whole number of the Exchange API between 1 and `most`; more is cut. @throws {ExchangeError} */
export function exchangeCount(query: URLSearchParams, name: string, fallback: number, most: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    throw new ExchangeError(400, 'invalid_parameter', `${name} must be a whole number from 1`);
  }
  return Math.min(Number(text), most);
}

/** An instant of the Exchange API in epoch ms, given as ISO 8601 or ms. @throws {ExchangeError} */
export function exchangeInstant(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const instant = /^\d{12,14}$/.test(text) ? Number(text) : parseInstant(text);
  if (instant === undefined) throw new ExchangeError(400, 'invalid_parameter', `${name} is not a time`);
  return instant;
}
