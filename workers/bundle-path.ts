import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Rooms whose code may end up in the bundle: workflows and the pure code they import. */
const BUNDLED_ROOMS = ['workflows', 'strategy', 'config'];

/** Where the bundle of the code as it stands belongs. The name changes with the code, so an old one is never run. */
export async function workflowBundlePath(directory: string): Promise<string> {
  return join(directory, `workflows-${await fingerprint()}.js`);
}

/** Hash of every source that can reach the bundle, and of the lockfile for the SDK inside it. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(root, 'package-lock.json')));
  for (const room of BUNDLED_ROOMS) {
    const files = await readdir(join(root, room), { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
      hash.update(`${room}/${file}`).update(await readFile(join(root, room, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
