import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

/** Parameters in the order they are sent. Upbit hashes exactly that order. */
export type Parameters = readonly (readonly [name: string, value: string])[];

/**
 * The text Upbit hashes: `name=value` joined by `&`, in URL-decoded form, in the order sent
 * (upbit.md §1; https://docs.upbit.com, authentication guide).
 */
function hashInput(parameters: Parameters): string {
  return parameters.map(([name, value]) => `${name}=${value}`).join('&');
}

/** SHA-512 of the hash input, lower-case hexadecimal. */
export function queryHash(parameters: Parameters): string {
  return createHash('sha512').update(hashInput(parameters), 'utf8').digest('hex');
}

export interface UpbitKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Makes the `Authorization` header of one request. */
export type Authorizer = (parameters: Parameters) => Promise<string>;

/**
 * Signs with HS512 over the raw UTF-8 bytes of the secret. The nonce is fresh for each request: a used one is
 * refused with `nonce_used`. Keys stay inside the closure so that no object that could be printed holds them.
 */
export function createAuthorizer(keys: UpbitKeys, newNonce: () => string = randomUUID): Authorizer {
  const secret = new TextEncoder().encode(keys.secretKey);
  const accessKey = keys.accessKey;
  return async (parameters) => {
    const claims: Record<string, string> = { access_key: accessKey, nonce: newNonce() };
    if (parameters.length > 0) {
      claims.query_hash = queryHash(parameters);
      claims.query_hash_alg = 'SHA512';
    }
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS512', typ: 'JWT' }).sign(secret);
    return `Bearer ${token}`;
  };
}
