import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashInputOfBody, hashInputOfQuery, sha512 } from '../../../exchange/paper/auth/query-hash.ts';
import { parseJsonObject } from '../../../exchange/paper/wire/json-body.ts';
import { get, type SignedCall, signed, startForTest, tokenFor } from './paper.ts';

test.each([
  [
    'market=KRW-BTC',
    'b749dfc2e17f75e5b46c8161f97fe7c9298ed4167ea21c5c94d16573efd8a801351470c0ff1a9a3f1e763f8249968218c04c571c8b45aa80cd4588e6c4be0738',
  ],
  [
    'market=KRW-BTC&limit=10',
    'd8214a07d0b7181ac91485f885d4349e9de6733bbd0806fec3102519a0ba1479b9be54245055706da413a6e916a8a978c1fc1a79e8e459d54c4de8fbe2bc70cd',
  ],
  [
    'market=KRW-BTC&states%5B%5D=wait&states[]=watch',
    'c01bbcb80094d2225c90eda65128baf7ef800471fbdeb76579856d1532cd263060e41ede9c52bfc926a0b46c4b7797a61e4327cda59d236f829cde4c875dfe77',
  ],
])('the hash of query %s is the documented one', (query, hash) => {
  expect(sha512(hashInputOfQuery(query) ?? '')).toBe(hash);
});

test('the hash of a body is the documented one, numbers as written and nulls left out', () => {
  const body = parseJsonObject(
    '{"market":"KRW-BTC","side":"bid","volume":0.01,"identifier":null,"price":100.0,"ord_type":"limit"}',
  );

  expect(sha512(hashInputOfBody(body ?? {}))).toBe(
    '1db802a392c559d55c99662a20c6911ba9ea31a9f58bf92156af243ca1462b004c6e6b27c934afefbde5ca15d28deb67e90cd619b466c9a3c2fe020ad2bbdd24',
  );
});

test('both algorithms are taken', async () => {
  const { url } = await startForTest();

  for (const algorithm of ['HS256', 'HS512'] as const) {
    expect((await signed(url, 'GET', '/v1/accounts', { algorithm })).status).toBe(200);
  }
});

const faults: [string, SignedCall, string][] = [
  ['an unknown key', { accessKey: 'other' }, 'invalid_access_key'],
  ['a wrong secret', { secretKey: 'wrong' }, 'jwt_verification'],
  ['no nonce', { nonce: '' }, 'jwt_verification'],
  ['a hash of something else', { query: 'market=KRW-BTC', hashed: 'market=KRW-ETH' }, 'invalid_query_payload'],
];
test.each(faults)('%s is refused', async (_name, call, expected) => {
  const { url } = await startForTest();

  const answer = await signed(url, 'GET', '/v1/orders/chance', call);

  expect([answer.status, answer.json.error.name]).toEqual([401, expected]);
});

test('no token, no JWT and a missing hash are refused', async () => {
  const { url } = await startForTest();
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const nameOf = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return [response.status, ((await response.json()) as { error: { name: string } }).error.name];
  };

  expect((await get(`${url}/v1/accounts`)).json.error.name).toBe('no_authorization_token');
  expect(await nameOf('/v1/accounts', bearer('no.jwt.here'))).toEqual([401, 'jwt_verification']);
  const unhashed = await tokenFor({});
  expect(await nameOf('/v1/orders/open?limit=1', bearer(unhashed))).toEqual([401, 'invalid_query_payload']);
});

test('a nonce is good once', async () => {
  const { url } = await startForTest();
  const nonce = randomUUID();

  expect((await signed(url, 'GET', '/v1/accounts', { nonce })).status).toBe(200);
  const again = await signed(url, 'GET', '/v1/accounts', { nonce });

  expect([again.status, again.json.error.name]).toEqual([401, 'nonce_used']);
});
