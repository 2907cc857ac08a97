import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {boolean} [devOptional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 */

/**
 * Whether what npm says it installed last is what the lockfile asks for. Someone who ran `npm ci` or `npm install`
 * by hand, perhaps with the bot running, is spared a second one that empties node_modules first.
 *
 * @param {string} root
 * @param {string} lockfile
 */
export function installedMatchesLock(root, lockfile) {
  const wanted = packagesOf(lockfile);
  let installed;
  try {
    // npm writes this at the very end of an install.
    installed = packagesOf(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'));
  } catch {
    return false;
  }
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const present = installed[path];
    if (present === undefined) return mayBeAbsent(entry);
    return present.version === entry.version && present.integrity === entry.integrity;
  });
}

/**
 * @param {string} text
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(text) {
  return JSON.parse(text).packages ?? {};
}

/**
 * Optional packages for this very platform carry binaries that are needed; those of other platforms never come.
 *
 * @param {LockedPackage} entry
 */
function mayBeAbsent({ optional, devOptional, os, cpu, libc }) {
  if (!optional && !devOptional) return false;
  const madeForUs = os?.includes(process.platform) && cpu?.includes(process.arch) && libc === undefined;
  return !madeForUs;
}
