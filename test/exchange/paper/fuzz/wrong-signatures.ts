import { rightFields } from './order-requests.ts';
import { nameAt, type Place } from './place.ts';
import {
  ACCESS_KEY,
  bearer,
  bodyOf,
  claimsOf,
  type FuzzRequest,
  type Header,
  hashedBody,
  JSON_TYPE,
  messageOf,
  sha512,
  textField,
  tokenOf,
} from './request.ts';

export function wrongSignature({ random, name }: Place): FuzzRequest {
  const fields = [...rightFields(random), textField('identifier', name)];
  const hashed = hashedBody(fields);
  const claims = claimsOf(name, hashed);
  const token = tokenOf(claims);
  const [head = '', payload = '', signature = ''] = token.split('.');
  const values = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    token,
    `Basic ${token}`,
    `Bearer ${token} ${token}`,
    'Bearer a.b.c',
    `Bearer ${'a'.repeat(8_000)}`,
    `Bearer ${random.bytes(60).toString('base64url')}`,
    `Bearer ${head}.${payload}`,
    `Bearer ${head}.${payload}.`,
    `Bearer ${head}.${payload}.${signature.slice(0, -8)}`,
    `Bearer ${head}.${payload}.${[...signature].reverse().join('')}`,
    `Bearer ${payload}.${head}.${signature}`,
    `Bearer ..${signature}`,
    `Bearer ${tokenOf(claims, { secret: 'another secret' })}`,
    `Bearer ${tokenOf(claims, { secret: '' })}`,
    ...[
      { alg: 'none' },
      { alg: 'HS384' },
      { alg: 5 },
      { alg: null },
      {},
      null,
      [],
      7,
      { alg: 'HS512', crit: ['b64'], b64: false },
      { alg: 'HS512', crit: [] },
      { alg: 'HS512', zip: 'DEF', crit: 'zip' },
    ].map((header) => `Bearer ${tokenOf(claims, { header })}`),
    ...[null, [], 'text', 7, {}, [claims]].map((payload) => `Bearer ${tokenOf(payload)}`),
    ...[
      { access_key: undefined },
      { access_key: null },
      { access_key: [ACCESS_KEY] },
      { access_key: 'ACCESS' },
      { nonce: undefined },
      { nonce: '' },
      { nonce: 5 },
      { nonce: {} },
      { query_hash: undefined },
      { query_hash: '' },
      { query_hash: null },
      { query_hash: sha512('other') },
      { query_hash: sha512(hashed).toUpperCase() },
      { query_hash: [sha512(hashed)] },
      { query_hash: hashed },
      { query_hash_alg: 'SHA256' },
      { query_hash_alg: null },
      { exp: 1 },
      { exp: 'soon' },
      { exp: -1e308 },
      { nbf: 99_999_999_999 },
      { nbf: {} },
      { iat: 'now' },
    ].map((change) => `Bearer ${tokenOf({ ...claims, ...change })}`),
  ];
  const value = random.pick(values);
  const headers: Header[] = value === undefined ? [JSON_TYPE] : [['authorization', value], JSON_TYPE];
  const bytes = messageOf('POST', '/v1/orders', headers, bodyOf(fields));
  return { what: 'a wrong signature', method: 'POST', bytes, statuses: [401] };
}

/** Only the first request with a nonce is served. */
export function repeatedNonce(place: Place): FuzzRequest {
  const { random, seed, index } = place;
  const nonce = nameAt(seed, Math.max(0, index - 1 - random.int(20)));
  const bytes = messageOf('GET', '/v1/accounts', [bearer(nonce, '')]);
  return { what: 'a nonce used before, or not', method: 'GET', bytes, statuses: [200, 401] };
}
