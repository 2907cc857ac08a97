import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFault } from './fault.mjs';
import { installedMatchesLock } from './lockfile.mjs';
import { runNpm } from './npm.mjs';
import { startProgress } from './progress.mjs';

/**
 * The stamp lives inside node_modules: `npm ci` removes it first of all, so an interrupted one leaves none.
 *
 * @param {string} root
 */
const stampFile = (root) => join(root, 'node_modules', '.durabit-stamp');

/**
 * @param {string | Buffer} lockfile
 * @param {number} nodeMajor native packages are built for one
 */
export function stampOf(lockfile, nodeMajor) {
  return `node ${nodeMajor} ${createHash('sha256').update(lockfile).digest('hex')}`;
}

/**
 * @param {string} root
 * @param {number} nodeMajor
 */
export function dependenciesReady(root, nodeMajor) {
  return (
    stamped(root, stampOf(readLockfile(root), nodeMajor)) &&
    COMMANDS.every((name) => existsSync(commandLink(root, name)))
  );
}

/**
 * @param {string} root
 * @param {import('./node-runtime.mjs').NodeRuntime} node
 * @param {import('./step.mjs').RunStep} run
 */
export async function installDependencies(root, node, run) {
  const lockfile = readLockfile(root);
  const stamp = stampOf(lockfile, node.major);
  if (!stamped(root, stamp)) {
    if (!installedMatchesLock(root, lockfile)) {
      const progress = startProgress('installing dependencies with npm ci (about 240 MB, once)');
      let outcome = 'failed';
      try {
        await runNpm(['ci'], { node: node.path, cwd: root, run, doing: 'installing dependencies' });
        outcome = 'done';
      } finally {
        progress.end(outcome);
      }
    }
    writeFileSync(stampFile(root), stamp);
  }
  for (const name of COMMANDS) linkCommand(root, name);
}

/** @param {string} root */
function readLockfile(root) {
  try {
    return readFileSync(join(root, 'package-lock.json'), 'utf8');
  } catch {
    throw new SetupFault(`${join(root, 'package-lock.json')} cannot be read; restore it from the repository.`);
  }
}

/**
 * @param {string} root
 * @param {string} stamp
 */
function stamped(root, stamp) {
  try {
    return readFileSync(stampFile(root), 'utf8') === stamp;
  } catch {
    return false;
  }
}

/** The project's own commands, each `bin/<name>.mjs`: what package.json's `bin` names. */
export const COMMANDS = ['durabit', 'tctl'];

/**
 * @param {string} root
 * @param {string} name
 */
function commandLink(root, name) {
  return join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
}

/**
 * npm links the commands of dependencies only, not the project's own. With this link `npx durabit` finds it at once;
 * without it npx links the project into its own cache first (0.4 s, and a warning on Node < 24), and does not find it
 * (`sh: tctl: not found`) when another clone was there before.
 *
 * @param {string} root
 * @param {string} name
 */
function linkCommand(root, name) {
  const link = commandLink(root, name);
  if (existsSync(link)) return;
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  rmSync(link, { force: true });
  if (process.platform === 'win32') {
    writeFileSync(link, `@node "%~dp0\\..\\..\\bin\\${name}.mjs" %*\r\n`);
  } else {
    symlinkSync(join('..', '..', 'bin', `${name}.mjs`), link);
    // Archives that were unpacked without their file modes lose the executable bit.
    chmodSync(join(root, 'bin', `${name}.mjs`), 0o755);
  }
}
