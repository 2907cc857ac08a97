import { createHash, createHmac } from 'node:crypto';

export const ACCESS_KEY = 'access';
const SECRET_KEY = 'a secret that is long enough for anybody';

/** One request as bytes, with what may be answered to it. */
export interface FuzzRequest {
  /** What kind of request it is. */
  readonly what: string;
  readonly bytes: Buffer;
  /** Statuses that make sense. */
  readonly statuses: readonly number[];
  /** Error names that make sense; left out: any. */
  readonly names?: RegExp;
  readonly method: string;
  /** What a POST answered 201 makes: an order, unless this says otherwise. */
  readonly makes?: 'replacement' | 'nothing';
  /** Nothing more may be sent on the connection: what these bytes are to a server is not to be foreseen. */
  readonly lastOnConnection?: boolean;
  /** The client ends its side after the bytes; the server may then leave without a word. */
  readonly cutOff?: boolean;
}

export type Header = readonly [name: string, value: string];

export const JSON_TYPE: Header = ['content-type', 'application/json; charset=utf-8'];

/** An HTTP/1.1 message; `target` and headers hold one byte a character. */
export function messageOf(method: string, target: string, headers: readonly Header[], body?: Buffer): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: localhost',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  if (body !== undefined) lines.push(`content-length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function sha512(text: string): string {
  return createHash('sha512').update(text).digest('hex');
}

/** A token with any claims, rightly signed unless another secret is given. */
export function tokenOf(
  claims: unknown,
  { header = { alg: 'HS512', typ: 'JWT' } as unknown, secret = SECRET_KEY } = {},
): string {
  const signed = `${base64(header)}.${base64(claims)}`;
  const algorithm = (header as { alg?: unknown } | null)?.alg === 'HS256' ? 'sha256' : 'sha512';
  return `${signed}.${createHmac(algorithm, secret).update(signed).digest('base64url')}`;
}

/** The claims of a right token; `hashed` is the text whose hash it bears, none when it is empty. */
export function claimsOf(nonce: string, hashed: string): Record<string, unknown> {
  return {
    access_key: ACCESS_KEY,
    nonce,
    ...(hashed !== '' && { query_hash: sha512(hashed), query_hash_alg: 'SHA512' }),
  };
}

export function bearer(nonce: string, hashed: string): Header {
  return ['authorization', `Bearer ${tokenOf(claimsOf(nonce, hashed))}`];
}

/** What a signature covers of a query. */
export function hashedQuery(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}

/** A field of a JSON body: its name, its value as JSON, and that value as a signature covers it. */
export type Field = readonly [name: string, json: string, hashed: string];

export const textField = (name: string, value: string): Field => [name, JSON.stringify(value), value];
export const bareField = (name: string, value: string): Field => [name, value, value];

export function bodyOf(fields: readonly Field[]): Buffer {
  return Buffer.from(`{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`);
}

export function hashedBody(fields: readonly Field[]): string {
  return fields
    .filter(([, json]) => json !== 'null')
    .map(([name, , hashed]) => `${name}=${hashed}`)
    .join('&');
}
