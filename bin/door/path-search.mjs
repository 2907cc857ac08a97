import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv} the environment in which programs of `folder` win
 */
export function withFirstOnPath(env, folder) {
  const { PATH, Path, ...rest } = env;
  return { ...rest, PATH: [folder, PATH ?? Path].filter(Boolean).join(delimiter) };
}

/**
 * @param {string} program
 * @param {string | undefined} path the value of PATH
 * @returns {string | undefined}
 */
export function findOnPath(program, path) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue;
    for (const ending of endings) {
      const candidate = join(folder, program + ending);
      if (isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

/** @param {string} file */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
