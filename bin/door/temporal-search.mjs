import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFault } from './fault.mjs';
import { findOnPath, isProgram } from './path-search.mjs';

/**
 * @typedef {object} Temporal
 * @property {string} path the `temporal` program
 * @property {string} source where it is from, in words for people
 */

/**
 * Looks where a Temporal CLI may already be. Whoever names one means it: a named one that does not work is a fault,
 * not a reason to spend five minutes on building another.
 *
 * @param {import('./places.mjs').Places} places
 * @param {Record<string, string | undefined>} settings
 * @returns {Temporal | undefined}
 */
export function findTemporal(places, settings) {
  const named = settings.TEMPORAL_CLI_PATH;
  if (named) {
    if (!hasDevServer(named)) {
      throw new SetupFault(
        `TEMPORAL_CLI_PATH=${named} is not a Temporal CLI that runs and knows "server start-dev"; correct it, or unset it to let durabit find one.`,
      );
    }
    return { path: named, source: `TEMPORAL_CLI_PATH (${named})` };
  }
  const onPath = findOnPath('temporal', settings.PATH ?? settings.Path);
  if (onPath !== undefined && hasDevServer(onPath)) return { path: onPath, source: `PATH (${onPath})` };

  const cached = cachedTemporal(places);
  // Moved into place only after it has run once, so it need not be tried again at every start.
  return isProgram(cached) ? { path: cached, source: `durabit's cache (${cached})` } : undefined;
}

/** @param {import('./places.mjs').Places} places */
export function cachedTemporal({ root, cache }) {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  return join(cache, 'temporal', temporalVersion(root), name);
}

/**
 * The version to download or build stands in one place, the build module.
 *
 * @param {string} root
 */
export function temporalVersion(root) {
  const match = /^require github\.com\/temporalio\/cli v(\S+)$/m.exec(
    readFileSync(join(root, 'ops', 'temporal-cli', 'go.mod'), 'utf8'),
  );
  if (!match?.[1]) throw new SetupFault('ops/temporal-cli/go.mod names no version; restore it from the repository.');
  return match[1];
}

/**
 * Something else may be called `temporal`, and CLIs before 0.1 had no server.
 *
 * @param {string} program
 */
export function hasDevServer(program) {
  try {
    const version = ask(program, ['--version']);
    return /temporal/i.test(version) && /start-dev/.test(ask(program, ['server', 'start-dev', '--help']));
  } catch {
    return false;
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function ask(program, args) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
}
