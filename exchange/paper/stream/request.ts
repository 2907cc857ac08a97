import type { Market } from '../../../config/market.ts';
import { kindOfType, type MessageKind } from '../../upbit/stream/short-names.ts';
import { FORMATS, type Format } from './message.ts';

export type StreamErrorName =
  | 'INVALID_AUTH'
  | 'WRONG_FORMAT'
  | 'NO_TICKET'
  | 'NO_TYPE'
  | 'NO_CODES'
  | 'INVALID_PARAM'
  | 'TOO_MANY_REQUEST';

/** A refusal in Upbit's words. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly code: StreamErrorName;

  constructor(code: StreamErrorName, message: string) {
    super(message);
    this.code = code;
  }
}

/** One type of data of some markets. */
export interface Subscription {
  /** `ticker`, `candle.1m`, `myOrder` …; `orderbook.15` for its best fifteen prices. */
  readonly type: string;
  readonly kind: MessageKind;
  /** Empty for `myAsset`, and for `myOrder` of all markets. */
  readonly markets: readonly Market[];
  readonly snapshot: boolean;
  readonly realtime: boolean;
}

export interface StreamRequest {
  readonly subscriptions: readonly Subscription[];
  readonly format: Format;
}

/** Where a connection leads: quotation, or the account of the key it was opened with. */
export type StreamSide = 'public' | 'private';

type Fields = Readonly<Record<string, unknown>>;

/** @throws {StreamError} */
export function readStreamRequest(
  text: string,
  side: StreamSide,
  isTraded: (market: string) => boolean,
  hasBook: boolean,
): StreamRequest {
  const [ticket, ...parts] = objectsIn(text);
  if (typeof ticket?.ticket !== 'string' || ticket.ticket === '') {
    throw new StreamError('NO_TICKET', 'the first object must have a ticket');
  }
  const formats = parts.filter((part) => 'format' in part && !('type' in part));
  const types = parts.filter((part) => !formats.includes(part));
  if (types.length === 0 || types.some((part) => !('type' in part))) {
    throw new StreamError('NO_TYPE', 'name at least one type, and one in each object');
  }
  if (formats.length > 1) throw new StreamError('WRONG_FORMAT', 'there is more than one format');
  const format = formats[0]?.format ?? 'DEFAULT';
  if (!FORMATS.some((known) => known === format)) {
    throw new StreamError('INVALID_PARAM', `format must be one of ${FORMATS.join(', ')}`);
  }
  return {
    subscriptions: types.flatMap((part) => {
      if (part.type !== 'orderbook' || side !== 'public') return readSubscription(part, side, isTraded);
      if (!hasBook) throw new StreamError('INVALID_PARAM', 'this market has no order book');
      return readBookSubscriptions(part, isTraded);
    }),
    format: format as Format,
  };
}

function objectsIn(text: string): readonly Fields[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new StreamError('WRONG_FORMAT', 'the request is not JSON');
  }
  const isObject = (part: unknown): part is Fields => typeof part === 'object' && part !== null && !Array.isArray(part);
  if (!Array.isArray(json) || !json.every(isObject)) {
    throw new StreamError('WRONG_FORMAT', 'the request must be a list of objects');
  }
  return json;
}

function readSubscription(part: Fields, side: StreamSide, isTraded: (market: string) => boolean): Subscription {
  const { type } = part;
  const kind = typeof type === 'string' ? kindOfType(type) : undefined;
  if (typeof type !== 'string' || kind === undefined) throw new StreamError('INVALID_PARAM', 'there is no such type');
  const isPrivate = kind === 'myOrder' || kind === 'myAsset';
  if (isPrivate && side === 'public') {
    throw new StreamError('INVALID_AUTH', `${type} needs a key, and is at /websocket/v1/private`);
  }
  if (!isPrivate && side === 'private') throw new StreamError('INVALID_PARAM', `${type} is at /websocket/v1`);
  const onlySnapshot = flag(part, 'is_only_snapshot', 'isOnlySnapshot');
  const onlyRealtime = flag(part, 'is_only_realtime', 'isOnlyRealtime');
  if (onlySnapshot && onlyRealtime) throw new StreamError('INVALID_PARAM', 'both only snapshot and only realtime');
  return {
    type,
    kind,
    markets: marketsOf(part, kind, isTraded),
    snapshot: !onlyRealtime,
    realtime: !onlySnapshot,
  };
}

/** `KRW-BTC.15`: a market and how many of its best prices; all of them where that is left out. */
const BOOK_CODE = /^(.+)\.(1|5|15|30)$/;

/** One for each number of prices that is asked for. */
function readBookSubscriptions(part: Fields, isTraded: (market: string) => boolean): Subscription[] {
  if (Number(part.level ?? 0) !== 0) throw new StreamError('INVALID_PARAM', 'prices are put together nowhere here');
  const { codes } = part;
  if (!Array.isArray(codes) || codes.length === 0) return [readSubscription(part, 'public', isTraded)];
  const byCount = Map.groupBy(codes, (code: unknown) => BOOK_CODE.exec(String(code))?.[2] ?? '30');
  return [...byCount].map(([count, some]) => {
    const markets = some.map((code: unknown) => (typeof code === 'string' ? code.replace(BOOK_CODE, '$1') : code));
    return { ...readSubscription({ ...part, codes: markets }, 'public', isTraded), type: `orderbook.${count}` };
  });
}

function marketsOf({ codes }: Fields, kind: MessageKind, isTraded: (market: string) => boolean): readonly Market[] {
  if (codes === undefined) {
    if (kind === 'myOrder' || kind === 'myAsset') return [];
    throw new StreamError('NO_CODES', 'codes are missing');
  }
  if (kind === 'myAsset') throw new StreamError('WRONG_FORMAT', 'myAsset has no codes');
  if (!Array.isArray(codes) || !codes.every((code) => typeof code === 'string')) {
    throw new StreamError('WRONG_FORMAT', 'codes must be a list of markets');
  }
  if (codes.length === 0 && kind !== 'myOrder') throw new StreamError('INVALID_PARAM', 'codes are empty');
  const unknown = codes.find((code) => !isTraded(code));
  if (unknown !== undefined) throw new StreamError('INVALID_PARAM', 'codes name a market that does not exist here');
  return [...new Set(codes)] as Market[];
}

/** @param earlier an older spelling, which Upbit still takes. */
function flag(part: Fields, name: string, earlier: string): boolean {
  const value = part[name] ?? part[earlier] ?? false;
  if (typeof value !== 'boolean') throw new StreamError('WRONG_FORMAT', `${name} must be true or false`);
  return value;
}
