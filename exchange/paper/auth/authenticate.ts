import { createSecretKey } from 'node:crypto';
import { ExchangeError } from '../wire/exchange-error.ts';
import { NonceMemory } from './nonce-memory.ts';
import { sha512 } from './query-hash.ts';
import { type Claims, readToken, TokenFault } from './signed-token.ts';

/** What of a request its token must fit. */
interface SignedRequest {
  readonly authorization: string | undefined;
  /** The text to hash; undefined when there is neither query nor body. */
  readonly hashInput: string | undefined;
}

export type Authenticate = (request: SignedRequest) => void;

/**
 * Checks tokens as Upbit does: HS256 or HS512 with the secret's raw bytes, a nonce never used before, and a hash of
 * the query or body where there is one. Standard claims besides are tolerated; there is no time window.
 *
 * @returns a function that throws {@link ExchangeError}.
 */
export function createAuthenticate(accessKey: string, secretKey: string): Authenticate {
  const secret = createSecretKey(secretKey, 'utf8');
  const nonces = new NonceMemory();

  return ({ authorization, hashInput }) => {
    const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (text === undefined) {
      throw new ExchangeError(401, 'no_authorization_token', 'The Authorization header holds no bearer token.');
    }
    const claims = orJwtFault(() => {
      const token = readToken(text);
      if (token.claims.access_key !== accessKey) {
        throw new ExchangeError(401, 'invalid_access_key', 'This access key does not exist.');
      }
      token.verify(secret, Date.now());
      return token.claims;
    });
    if (typeof claims.nonce !== 'string' || claims.nonce === '') throw jwtFault('The token has no nonce.');
    if (!nonces.use(claims.nonce)) throw new ExchangeError(401, 'nonce_used', 'This nonce was used before.');
    if (!fitsQuery(claims, hashInput)) {
      throw new ExchangeError(401, 'invalid_query_payload', 'Failed to verify the query of Jwt.');
    }
  };
}

function orJwtFault(verified: () => Claims): Claims {
  try {
    return verified();
  } catch (error) {
    throw error instanceof TokenFault ? jwtFault(error.message) : error;
  }
}

function fitsQuery(claims: Claims, hashInput: string | undefined): boolean {
  if (hashInput === undefined) return true;
  const { query_hash_alg: algorithm = 'SHA512', query_hash: hash } = claims;
  return algorithm === 'SHA512' && hash === sha512(hashInput);
}

function jwtFault(reason: string): ExchangeError {
  return new ExchangeError(401, 'jwt_verification', `Failed to verify the token: ${reason}`);
}
