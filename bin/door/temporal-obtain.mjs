import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { explain, SetupFault } from './fault.mjs';
import { buildTemporal } from './temporal-build.mjs';
import { downloadTemporal } from './temporal-download.mjs';
import { cachedTemporal, hasDevServer } from './temporal-search.mjs';

/** @typedef {{ folder: string, root: string, node: string, run: import('./step.mjs').RunStep }} ObtainContext */

/**
 * A way to get a Temporal CLI: puts it into the given folder and returns its path, or throws a SetupFault saying why not.
 *
 * @typedef {{ name: string, source: string, get: (context: ObtainContext) => Promise<string> }} Way
 */

/** @type {readonly Way[]} */
const WAYS = [
  { name: "the Temporal SDK's download", source: "the Temporal SDK's download", get: downloadTemporal },
  { name: 'a build from Go modules', source: 'built from Go modules', get: buildTemporal },
];

/**
 * Tries each way in turn; the first binary that runs is moved into the cache and serves every later start.
 *
 * @param {import('./places.mjs').Places} places
 * @param {string} node
 * @param {import('./step.mjs').RunStep} run
 * @param {readonly Way[]} [ways]
 * @returns {Promise<import('./temporal-search.mjs').Temporal>}
 */
export async function obtainTemporal(places, node, run, ways = WAYS) {
  const target = cachedTemporal(places);
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), `${basename(target)}-new-`));
  /** @type {string[]} */
  const failures = [];
  try {
    for (const way of ways) {
      try {
        const fresh = await way.get({ folder, root: places.root, node, run });
        if (!hasDevServer(fresh)) throw new SetupFault('what it brought does not run on this machine');
        renameSync(fresh, target);
        return { path: target, source: `${way.source} (${target})` };
      } catch (error) {
        const { message } = explain(error);
        if (message === 'interrupted') throw error;
        failures.push(`${way.name}: ${message}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  throw new SetupFault(describeNoTemporal(failures));
}

/** @param {readonly string[]} failures */
function describeNoTemporal(failures) {
  return [
    'there is no Temporal server, and none could be fetched.',
    '  on PATH and in the cache: no `temporal` that knows `server start-dev`',
    ...failures.map((failure) => `  ${failure}`),
    'Any one of these mends it; then start again:',
    '  - install the Temporal CLI (https://docs.temporal.io/cli; on macOS `brew install temporal`) so that it is on PATH',
    '  - set TEMPORAL_CLI_PATH to a `temporal` program',
    '  - install Go 1.21 or newer (https://go.dev/dl), and durabit builds it: 5 minutes, once',
    '  - set TEMPORAL_ADDRESS=HOST:PORT to use a server that runs already (not for npm test)',
  ].join('\n');
}
