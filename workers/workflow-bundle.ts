import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Rooms whose code may end up in the bundle: workflows and the pure code they import. */
const BUNDLED_ROOMS = ['workflows', 'strategy', 'config'];

/** All workflows as one script, the same for tests, workers and replay. Takes 2 to 4 s on two cores. */
export async function buildWorkflowBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

/**
 * Path of a bundle of the code as it stands, built at most once per state of the code. Old ones are removed.
 *
 * @param directory where bundles are kept
 */
export async function cachedWorkflowBundle(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const name = `workflows-${await fingerprint()}.js`;
  const path = join(directory, name);
  if (!existsSync(path)) {
    const unfinished = `${path}.${process.pid}.tmp`;
    await writeFile(unfinished, await buildWorkflowBundle());
    await rename(unfinished, path);
  }
  for (const old of await readdir(directory)) {
    if (old.startsWith('workflows-') && old !== name) await rm(join(directory, old), { force: true });
  }
  return path;
}

/** Hash of every source that can reach the bundle, and of the lockfile for the SDK inside it. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(root, 'package-lock.json')));
  for (const room of BUNDLED_ROOMS) {
    const files = await readdir(join(root, room), { recursive: true }).catch(() => []);
    for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
      hash.update(`${room}/${file}`).update(await readFile(join(root, room, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
