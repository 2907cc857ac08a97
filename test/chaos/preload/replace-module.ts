import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** What a module is asked for under when its own text is meant. */
const REAL = '?real';

/** Makes a module's text of the address, quoted, under which the real one is imported. */
export type ModuleText = (real: string) => string;

/** Puts other modules in the place of some of the project's, by path from the root, for whoever imports them from now on. */
export function replaceModule(replacements: Readonly<Record<string, ModuleText>>): void {
  const byUrl = new Map(Object.entries(replacements).map(([path, text]) => [urlOf(path), text]));
  registerHooks({
    load(url, context, nextLoad) {
      const text = byUrl.get(url);
      if (text === undefined) return nextLoad(url, context);
      return { format: 'module', shortCircuit: true, source: text(JSON.stringify(`${url}${REAL}`)) };
    },
  });
}

export function urlOf(path: string): string {
  return pathToFileURL(join(ROOT, path)).href;
}
