import { z } from 'zod';
import { UnexpectedResponse } from '../../errors.ts';
import type { HideKeys } from '../hide-keys.ts';
import { errorSchema, parseLosslessJson } from '../wire.ts';
import type { StreamData, Topic } from './events.ts';
import { refusalOf } from './refusal.ts';
import { MESSAGE_SCHEMAS } from './schemas.ts';
import { kindOfType, type MessageKind, SHORT_NAMES } from './short-names.ts';

/** What one frame says. */
export type Read =
  | { readonly kind: 'data'; readonly data: StreamData; readonly topic: Topic }
  /** The exchange lives: its answer to PING. */
  | { readonly kind: 'status' }
  | { readonly kind: 'refusal'; readonly error: Error }
  | { readonly kind: 'unreadable'; readonly error: UnexpectedResponse };

const LONG_NAMES = Object.fromEntries(
  Object.entries(SHORT_NAMES).map(([kind, names]) => [
    kind,
    Object.fromEntries(Object.entries(names).map(([long, short]) => [short, long])),
  ]),
) as Readonly<Record<MessageKind, Readonly<Record<string, string>>>>;

const statusSchema = z.object({ status: z.string() });
const typedSchema = z.object({ type: z.string() }).or(z.object({ ty: z.string() }));

/** Reads a frame in any format: a list may hold several messages. Never throws. */
export function readFrame(text: string, hideKeys: HideKeys): readonly Read[] {
  let json: unknown;
  try {
    json = parseLosslessJson(text);
  } catch {
    return [unreadable('is not JSON')];
  }
  return (Array.isArray(json) ? json : [json]).map((message) => readMessage(message, hideKeys));
}

function readMessage(json: unknown, hideKeys: HideKeys): Read {
  const typed = typedSchema.safeParse(json);
  if (!typed.success) return readOther(json, hideKeys);
  const isShort = 'ty' in typed.data;
  const type = 'ty' in typed.data ? typed.data.ty : typed.data.type;
  const kind = kindOfType(type);
  if (kind === undefined) return unreadable('is of a type that was not asked for');
  const parsed = MESSAGE_SCHEMAS[kind].safeParse(isShort ? withLongNames(json, LONG_NAMES[kind]) : json);
  if (parsed.success) return { kind: 'data', data: parsed.data, topic: topicOf(type, parsed.data) };
  const [first] = parsed.error.issues;
  return unreadable(`of type ${type} has an unexpected shape: ${first?.path.join('.')}: ${first?.message}`);
}

function readOther(json: unknown, hideKeys: HideKeys): Read {
  const refusal = errorSchema.safeParse(json).data?.error;
  if (refusal !== undefined) return { kind: 'refusal', error: refusalOf(refusal.name, refusal.message, hideKeys) };
  return statusSchema.safeParse(json).success ? { kind: 'status' } : unreadable('is neither data nor an error');
}

function unreadable(what: string): Read {
  return { kind: 'unreadable', error: new UnexpectedResponse(`a message of the stream ${what}`) };
}

function withLongNames(json: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(json)) return json.map((part) => withLongNames(part, names));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [names[name] ?? name, withLongNames(value, names)]),
  );
}

function topicOf(type: string, data: StreamData): Topic {
  switch (data.kind) {
    case 'ticker':
      return { type, market: data.ticker.market };
    case 'trade':
      return { type, market: data.trade.market };
    case 'orderbook':
      return { type, market: data.book.market };
    case 'candle':
      return { type, market: data.candle.market };
    case 'order':
    case 'assets':
      return { type, market: undefined };
  }
}
