import { join } from 'node:path';
import { SetupFault } from './fault.mjs';
import { startProgress } from './progress.mjs';
import { temporalVersion } from './temporal-search.mjs';

/**
 * Lets the Temporal SDK download the CLI, as its testing package does.
 *
 * @param {import('./temporal-obtain.mjs').ObtainContext} context
 * @returns {Promise<string>}
 */
export async function downloadTemporal({ folder, root, node, run }) {
  const version = temporalVersion(root);
  const progress = startProgress(`downloading the Temporal CLI ${version} (about 50 MB, once)`);
  const result = await run(node, [join(root, 'ops', 'temporal-cli', 'download.ts'), version, folder], { cwd: root });
  const path = result.stdout.at(-1);
  if (!result.ok || path === undefined) {
    progress.end('did not work');
    throw new SetupFault(shorten(result.output));
  }
  progress.end('done');
  return path;
}

/**
 * The SDK chains the same sentence several times over; its end names the cause.
 *
 * @param {string} output
 */
function shorten(output) {
  const last =
    output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .at(-1) ?? 'no answer';
  return last.length <= 120 ? last : `…${last.slice(-119)}`;
}
