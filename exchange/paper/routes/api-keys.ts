import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { RateGroup } from '../rate-limit.ts';
import { kstStamp } from '../wire/times.ts';

/** How long a new key of Upbit's lives. The key here never expires, so that it is always as far off as that. */
const KEY_LIFE_MS = 365 * 86_400_000;

/** The keys of the account. */
export function apiKeyRoutes(
  app: FastifyInstance,
  accessKey: string,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.get('/v1/api_keys', { onRequest: limit('default') }, ({ marketTime }) => [
    { access_key: accessKey, expire_at: kstStamp(marketTime + KEY_LIFE_MS) },
  ]);
}
