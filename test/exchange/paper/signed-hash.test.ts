import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { signed, startForTest } from './paper.ts';

const body = { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', price: '100000000', volume: '0.0001' };

test.each([
  ['GET', '/v1/order', { query: 'identifier=a', hashed: 'identifier=b' }],
  ['DELETE', '/v1/order', { query: 'identifier=a', hashed: 'identifier=b' }],
  ['POST', '/v1/orders', { body: { ...body, identifier: 'c' }, hashed: 'market=KRW-BTC' }],
] as const)('%s %s with the hash of something else is refused and changes nothing', async (method, path, call) => {
  const { url } = await startForTest();
  await signed(url, 'POST', '/v1/orders', { body: { ...body, identifier: 'a' } });

  const answer = await signed(url, method, path, call);

  expect([answer.status, answer.json.error.name]).toEqual([401, 'invalid_query_payload']);
  const open = await signed(url, 'GET', '/v1/orders/open');
  expect(open.json.map(({ identifier }: { identifier: string }) => identifier)).toEqual(['a']);
});

test('a right hash under the name of another algorithm is refused', async () => {
  const { url } = await startForTest();
  const query_hash = createHash('sha512').update('market=KRW-BTC').digest('hex');
  const token = await new SignJWT({ access_key: 'access', nonce: randomUUID(), query_hash, query_hash_alg: 'SHA256' })
    .setProtectedHeader({ alg: 'HS512', typ: 'JWT' })
    .sign(new TextEncoder().encode('a secret that is long enough for anybody'));

  const response = await fetch(`${url}/v1/orders/chance?market=KRW-BTC`, {
    headers: { authorization: `Bearer ${token}` },
  });

  expect([response.status, await response.json()]).toMatchObject([401, { error: { name: 'invalid_query_payload' } }]);
});
