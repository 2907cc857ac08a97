import { expect, it } from 'vitest';
import { createAuthorizer } from '../../exchange/upbit/authorization.ts';
import { everythingIn, secretFinder } from './find-secrets.ts';

const KEYS = { accessKey: 'Ac+cess/5f2d "key"', secretKey: 'Se+cret/91ac=&key' };
const find = secretFinder(KEYS);

it.each([
  ['as it is', (secret: string) => `a ${secret} b`],
  ['as a text in JSON', (secret: string) => JSON.stringify({ secret })],
  ['in a URL', (secret: string) => `/?key=${encodeURIComponent(secret)}&b`],
  ['in hexadecimal digits', (secret: string) => Buffer.from(`a${secret}b`).toString('hex')],
  ['in UTF-16', (secret: string) => Buffer.from(`a${secret}b`, 'utf16le')],
  ...[0, 1, 2, 3, 4].map((n) => [
    `in base64, ${n} bytes in`,
    (secret: string) => Buffer.from(`${'x'.repeat(n)}${secret}yz`).toString('base64'),
  ]),
  ...[0, 1, 2, 3, 4].map((n) => [
    `in base64url, ${n} bytes in and nothing behind`,
    (secret: string) => Buffer.from(`${'x'.repeat(n)}${secret}`).toString('base64url'),
  ]),
] as [string, (secret: string) => string | Buffer][])('finds a key %s', (_, hide) => {
  for (const [name, secret] of Object.entries(KEYS)) {
    expect(find(hide(secret))).toEqual([expect.stringMatching(`^${name}, `)]);
  }
  expect(find(hide('nothing to find'))).toEqual([]);
});

it('finds what was signed, and the access key in it', async () => {
  const header = await createAuthorizer(KEYS)([['market', 'KRW-BTC']]);
  expect(find(`authorization: ${header}`)).toEqual([expect.stringMatching('^accessKey, base64'), 'a signed token']);
});

it('looks into everything that an object holds', () => {
  const deep = { list: [{ data: Buffer.from(KEYS.secretKey) }], map: new Map([[KEYS.accessKey, 1]]) };
  expect(find(everythingIn(deep)).sort()).toEqual(['accessKey, as it is', 'secretKey, as it is']);
});
