import type { z } from 'zod';
import { UnexpectedResponse } from '../errors.ts';
import type { Answer } from './transport.ts';
import { parseLosslessJson } from './wire.ts';

/** @throws {UnexpectedResponse} when the answer does not say what the exchange's clock shows */
export function exchangeClockOf({ date }: Answer): number {
  const exchangeClock = Date.parse(date ?? '');
  if (Number.isNaN(exchangeClock)) {
    throw new UnexpectedResponse('the exchange sent no usable Date header; its clock is needed');
  }
  return exchangeClock;
}

/**
 * Nothing of the answer is in what is thrown, because it may say our request back to us: a schema names the place by our
 * own words for it, and what the parser says of a text would quote it.
 *
 * @throws {UnexpectedResponse} naming the first field that is not as documented
 */
export function parseBody<T>(answer: Answer, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = parseLosslessJson(answer.body);
  } catch {
    throw new UnexpectedResponse(`the exchange answered ${answer.status} with a body that is not JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new UnexpectedResponse(
    `the exchange's answer has an unexpected shape: ${first ? `${first.path.join('.')}: ${first.message}` : 'unknown'}`,
  );
}
