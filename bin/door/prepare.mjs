import { mkdirSync } from 'node:fs';
import { dependenciesReady, installDependencies } from './dependencies.mjs';
import { findNode, installNode } from './node-runtime.mjs';
import { say } from './progress.mjs';
import { withSetupLock } from './setup-lock.mjs';
import { createStepRunner } from './step.mjs';
import { obtainTemporal } from './temporal-obtain.mjs';
import { findTemporal } from './temporal-search.mjs';

/**
 * @typedef {object} Ready
 * @property {string} node
 * @property {import('./temporal-search.mjs').Temporal | undefined} temporal
 */

/**
 * Looks whether everything the command needs is here. When something is missing it is fetched under one lock for
 * all shells, and looked for again inside it: another shell may have fetched it meanwhile.
 *
 * @param {import('./command.mjs').Command} command
 * @param {import('./places.mjs').Places} places
 * @param {Record<string, string | undefined>} settings
 * @param {AbortSignal} signal
 * @returns {Promise<Ready>}
 */
export async function prepare(command, places, settings, signal) {
  const node = findNode(places.cache);
  if (node !== undefined && dependenciesReady(places.root, node.major)) {
    const temporal = command.temporal === 'none' ? undefined : findTemporal(places, settings);
    if (temporal !== undefined || command.temporal !== 'get') return { node: node.path, temporal };
  }

  mkdirSync(places.cache, { recursive: true });
  return withSetupLock(places.cache, { signal, say }, async (lock) => {
    const run = createStepRunner({ signal, onSpawn: lock.noteWorker });
    const runtime = findNode(places.cache) ?? (await installNode(places.cache, run));
    await installDependencies(places.root, runtime, run);
    if (command.temporal === 'none') return { node: runtime.path, temporal: undefined };

    const found = findTemporal(places, settings);
    if (found !== undefined || command.temporal === 'look') return { node: runtime.path, temporal: found };
    return { node: runtime.path, temporal: await obtainTemporal(places, runtime.path, run) };
  });
}
