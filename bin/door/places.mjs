import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Places
 * @property {string} root the project's folder
 * @property {string} cache what is fetched or built once and serves every clone: Node, the Temporal CLI
 */

/**
 * @param {Record<string, string | undefined>} env
 * @returns {Places}
 */
export function findPlaces(env) {
  return { root: fileURLToPath(new URL('../..', import.meta.url)), cache: cacheFolder(env) };
}

/**
 * @param {Record<string, string | undefined>} env
 * @returns {string}
 */
export function cacheFolder(env) {
  if (env.DURABIT_CACHE_DIR) return resolve(env.DURABIT_CACHE_DIR);
  // The XDG specification says a relative path there is to be ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'durabit');
  return join(homedir(), '.cache', 'durabit');
}
