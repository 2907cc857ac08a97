import { createHmac, createSecretKey } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { readToken } from '../../../exchange/paper/auth/signed-token.ts';

const SECRET = 'a secret that is long enough for anybody';
const NOW = 1_800_000_000_000;
const KEY = createSecretKey(SECRET, 'utf8');
const claims = { access_key: 'access', nonce: 'n-1', more: { deep: ['한글', 1] } };

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of any header and any claims, rightly signed. */
function tokenOf(header: unknown, payload: unknown, hash = 'sha512'): string {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac(hash, SECRET).update(signed).digest('base64url')}`;
}

/** Whether both agree that a token is good, or not. */
async function verdicts(token: string): Promise<[ours: boolean, jose: boolean]> {
  const ours = () => {
    readToken(token).verify(KEY, NOW);
    return true;
  };
  const jose = jwtVerify(token, new TextEncoder().encode(SECRET), {
    algorithms: ['HS256', 'HS512'],
    currentDate: new Date(NOW),
  });
  let good = false;
  try {
    good = ours();
  } catch (error) {
    expect((error as Error).name).toBe('TokenFault');
  }
  return [good, await jose.then(() => true).catch(() => false)];
}

const good = tokenOf({ alg: 'HS512', typ: 'JWT' }, claims);
const [head, payload, signature = ''] = good.split('.');
const seconds = NOW / 1_000;

test.each([
  ['HS512', good],
  ['HS256', tokenOf({ alg: 'HS256' }, claims, 'sha256')],
  ['more in the header', tokenOf({ alg: 'HS512', kid: 'k', x: 1 }, claims)],
  ['times that fit', tokenOf({ alg: 'HS512' }, { ...claims, iat: seconds, nbf: seconds, exp: seconds + 1 })],
  ['made in the future', tokenOf({ alg: 'HS512' }, { ...claims, iat: seconds + 1_000 })],
])('a token is taken as jose takes it: %s', async (_name, token) => {
  expect(await verdicts(token)).toEqual([true, true]);
  expect(readToken(token).claims).toMatchObject(claims);
});

test('what jose signs is taken', async () => {
  for (const alg of ['HS256', 'HS512']) {
    const token = await new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(SECRET));
    expect(await verdicts(token)).toEqual([true, true]);
  }
});

test.each([
  ['two parts', `${head}.${payload}`],
  ['four parts', `${good}.${signature}`],
  ['no signature', `${head}.${payload}.`],
  ['a signature cut short', good.slice(0, -4)],
  ['a signature with more', `${good}AAAA`],
  ['a signature in the other alphabet of base64', `${head}.${payload}.${signature}=`],
  ['a signature of another hash', tokenOf({ alg: 'HS512' }, claims, 'sha256')],
  [
    'a signature of another secret',
    `${head}.${payload}.${createHmac('sha512', 'other').update(`${head}.${payload}`).digest('base64url')}`,
  ],
  ['other claims', `${head}.${part({ ...claims, nonce: 'n-2' })}.${signature}`],
  ['no algorithm', tokenOf({}, claims)],
  ['an algorithm of none', `${part({ alg: 'none' })}.${payload}.`],
  ['another algorithm', tokenOf({ alg: 'HS384' }, claims, 'sha384')],
  ['an algorithm that is a name of every object', tokenOf({ alg: 'constructor' }, claims)],
  ['an algorithm in a list', tokenOf({ alg: ['HS512'] }, claims)],
  ['a header that is a list', tokenOf([], claims)],
  ['a header that is null', tokenOf(null, claims)],
  ['something critical', tokenOf({ alg: 'HS512', crit: ['x'], x: 1 }, claims)],
  ['an unencoded payload', tokenOf({ alg: 'HS512', crit: ['b64'], b64: false }, claims)],
  ['claims that are a text', tokenOf({ alg: 'HS512' }, 'claims')],
  ['claims that are null', tokenOf({ alg: 'HS512' }, null)],
  ['expired', tokenOf({ alg: 'HS512' }, { ...claims, exp: seconds })],
  ['not valid yet', tokenOf({ alg: 'HS512' }, { ...claims, nbf: seconds + 1 })],
  ['a time that is a text', tokenOf({ alg: 'HS512' }, { ...claims, exp: String(seconds + 9) })],
  ['an instant of issue that is null', tokenOf({ alg: 'HS512' }, { ...claims, iat: null })],
])('a token is refused as jose refuses it: %s', async (_name, token) => {
  expect(await verdicts(token)).toEqual([false, false]);
});
