import { decodeJwt, errors, jwtVerify } from 'jose';
import { ExchangeError } from '../wire/exchange-error.ts';
import { NonceMemory } from './nonce-memory.ts';
import { sha512 } from './query-hash.ts';

/** What of a request its token must fit. */
interface SignedRequest {
  readonly authorization: string | undefined;
  /** The text to hash; undefined when there is neither query nor body. */
  readonly hashInput: string | undefined;
}

export type Authenticate = (request: SignedRequest) => Promise<void>;

/**
 * Checks tokens as Upbit does: HS256 or HS512 with the secret's raw bytes, a nonce never used before, and a hash of
 * the query or body where there is one. Standard claims besides are tolerated; there is no time window.
 *
 * @returns a function that rejects with {@link ExchangeError}.
 */
export function createAuthenticate(accessKey: string, secretKey: string): Authenticate {
  const secret = new TextEncoder().encode(secretKey);
  const nonces = new NonceMemory();

  return async ({ authorization, hashInput }) => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      throw new ExchangeError(401, 'no_authorization_token', 'The Authorization header holds no bearer token.');
    }
    if (claimedAccessKey(token) !== accessKey) {
      throw new ExchangeError(401, 'invalid_access_key', 'This access key does not exist.');
    }
    const claims = await verifiedClaims(token, secret);
    if (typeof claims.nonce !== 'string' || claims.nonce === '') throw jwtFault('The token has no nonce.');
    if (!nonces.use(claims.nonce)) throw new ExchangeError(401, 'nonce_used', 'This nonce was used before.');
    if (!fitsQuery(claims, hashInput)) {
      throw new ExchangeError(401, 'invalid_query_payload', 'Failed to verify the query of Jwt.');
    }
  };
}

function claimedAccessKey(token: string): unknown {
  try {
    return decodeJwt(token).access_key;
  } catch {
    throw jwtFault('The token is not a JWT.');
  }
}

async function verifiedClaims(token: string, secret: Uint8Array): Promise<Record<string, unknown>> {
  try {
    return (await jwtVerify(token, secret, { algorithms: ['HS256', 'HS512'] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw jwtFault(error.message);
    throw error;
  }
}

function fitsQuery(claims: Record<string, unknown>, hashInput: string | undefined): boolean {
  if (hashInput === undefined) return true;
  const { query_hash_alg: algorithm = 'SHA512', query_hash: hash } = claims;
  return algorithm === 'SHA512' && hash === sha512(hashInput);
}

function jwtFault(reason: string): ExchangeError {
  return new ExchangeError(401, 'jwt_verification', `Failed to verify the token: ${reason}`);
}
