import { createHash } from 'node:crypto';
import { type JsonFields, textOf } from '../wire/json-body.ts';

/** SHA-512 in lower-case hex, what a token's `query_hash` must be. */
export function sha512(text: string): string {
  return createHash('sha512').update(text).digest('hex');
}

/**
 * What is hashed for a query string: the raw string, percent-decoded once, in the order sent. Clients send
 * `states%5B%5D=` and hash `states[]=`.
 *
 * @returns undefined when the string is not valid percent-encoding.
 */
export function hashInputOfQuery(rawQuery: string): string | undefined {
  try {
    return decodeURIComponent(rawQuery);
  } catch {
    return undefined;
  }
}

/** What is hashed for a body of plain values: `key=value` joined with `&` in the body's order, nulls left out. */
export function hashInputOfBody(body: JsonFields): string {
  return Object.entries(body)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}=${textOf(value) ?? ''}`]))
    .join('&');
}
