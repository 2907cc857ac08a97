import { existsSync, mkdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workflowBundlePath } from '../../workers/bundle-path.ts';
import { writeWorkflowBundle } from '../../workers/workflow-bundle.ts';

/** Tells the test processes of a run where the bundle is; nobody else has it. */
const VARIABLE = 'DURABIT_TEST_BUNDLES';

/** Builds the workflows' bundle for all tests of a run. @returns its file */
export async function makeSharedBundle(runFolder: string): Promise<string> {
  const directory = join(runFolder, 'bundle');
  process.env[VARIABLE] = directory;
  const path = await workflowBundlePath(directory);
  await writeWorkflowBundle(path);
  return path;
}

/**
 * Gives a new bot the bundle of this run, which costs each of them 1.5 s of processor time otherwise. Outside of a run,
 * or if the code has changed since it began, the bot builds its own.
 */
export async function lendBundle(dataDir: string): Promise<void> {
  const directory = process.env[VARIABLE];
  if (directory === undefined) return;
  const shared = await workflowBundlePath(directory);
  if (!existsSync(shared)) return;
  mkdirSync(join(dataDir, 'bundle'), { recursive: true });
  await copyFile(shared, await workflowBundlePath(join(dataDir, 'bundle')));
}
