import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** All workflows as one script, the same for tests, workers and replay. Takes 2 to 4 s on two cores. */
export async function buildWorkflowBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '..', 'workflows', 'index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

/** Builds the bundle at `path` (see `bundle-path.ts`) unless it is there, and removes those of older code beside it. */
export async function writeWorkflowBundle(path: string): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true });
  if (!existsSync(path)) {
    const unfinished = `${path}.${process.pid}.tmp`;
    await writeFile(unfinished, await buildWorkflowBundle());
    await rename(unfinished, path);
  }
  for (const file of await readdir(directory)) {
    if (file.startsWith('workflows-') && file !== basename(path)) await rm(join(directory, file), { force: true });
  }
}
