import { z } from 'zod';
import type { RawAnswer } from './raw-client.ts';
import type { FuzzRequest } from './request.ts';

/** Upbit's error envelope: nothing else in it, and a name that is a word or, from the quotation API, a status. */
const envelope = z.strictObject({
  error: z.strictObject({
    name: z.union([z.string().regex(/^[A-Za-z_]{3,40}$/), z.union([z.literal(400), z.literal(404)])]),
    message: z.string().min(1),
  }),
});

/** @returns what is wrong with an answer; undefined when nothing is. */
export function faultOf(request: FuzzRequest, answer: RawAnswer | undefined): string | undefined {
  if (answer === undefined) return request.cutOff ? undefined : 'the connection was ended without an answer';
  const { status, headers, body } = answer;
  // The limits count market time, so that a fast machine may pass them.
  if (status !== 429 && !request.statuses.includes(status)) return `status ${status} makes no sense`;
  if (headers.get('durabit-exchange') !== 'paper') return 'the mark of paper money is missing';
  if (!(Date.parse(headers.get('date') ?? '') < Date.parse('2026-01-01'))) return 'it does not bear market time';
  if (answer.excess > 0 && !request.lastOnConnection) return 'more than one answer came';
  if (request.method === 'HEAD') return undefined;
  if (!/^application\/json\b/.test(headers.get('content-type') ?? '')) return 'it is not called JSON';
  if (status < 400) return parsed(body) === undefined ? 'it is not JSON' : undefined;
  const error = envelope.safeParse(parsed(body));
  if (!error.success) return "it is not in Upbit's envelope";
  const { name } = error.data.error;
  if (status !== 429 && request.names !== undefined && !request.names.test(String(name))) {
    return `the name ${name} makes no sense`;
  }
  return typeof name === 'number' && name !== status ? `the name ${name} is not the status` : undefined;
}

/** The order that came of a request; undefined where none did. */
export function orderMadeBy(
  { method, makes }: FuzzRequest,
  answer: RawAnswer | undefined,
): { readonly uuid: string; readonly identifier: string } | undefined {
  if (method !== 'POST' || answer?.status !== 201 || makes === 'nothing') return undefined;
  const order = JSON.parse(answer.body) as Readonly<Record<string, string | undefined>>;
  const prefix = makes === 'replacement' ? 'new_order_' : '';
  return { uuid: order[`${prefix}uuid`] ?? '', identifier: order[`${prefix}identifier`] ?? '' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
