/**
 * The oldest Node that runs the project: from 24 on it runs TypeScript as it is, from 24.9 on the paper exchange can tell
 * a WebSocket's handshake from another request with an `Upgrade` header. `engines` in package.json says the same.
 */
export const LEAST_NODE = '24.9';

/** What is fetched where the machine's own is older: the newest of this line. */
export const FETCHED_MAJOR = 24;

/**
 * @param {string} version as `process.versions.node` says it
 */
export function isNewEnough(version) {
  const [major = Number.NaN, minor = Number.NaN] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
