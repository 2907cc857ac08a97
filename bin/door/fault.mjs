/** A fault of set-up that the person at the keyboard can mend: shown as its message alone, exit code 1. */
export class SetupFault extends Error {
  /** @override */
  name = 'SetupFault';
}

/** @type {Readonly<Record<string, string>>} */
const FILE_FAULTS = {
  ENOSPC: 'the disk is full; free some space and start again',
  EDQUOT: 'the disk quota is used up; free some space and start again',
  EACCES: 'is not writable; change its owner or set DURABIT_CACHE_DIR to a folder that is',
  EPERM: 'is not writable; change its owner or set DURABIT_CACHE_DIR to a folder that is',
  EROFS: 'is on a read-only file system; set DURABIT_CACHE_DIR to a folder that can be written',
  ENOTDIR: 'lies under something that is not a folder; set DURABIT_CACHE_DIR to a folder',
};

/**
 * Turns whatever was thrown during set-up into one sentence that says what to do.
 *
 * @param {unknown} error
 * @returns {SetupFault}
 */
export function explain(error) {
  if (error instanceof SetupFault) return error;
  const { code, path, message } = /** @type {NodeJS.ErrnoException} */ (error);
  const advice = FILE_FAULTS[code ?? ''];
  if (advice) return new SetupFault(path === undefined ? advice : `${path}: ${advice}.`);
  return new SetupFault(`set-up failed: ${message ?? String(error)}`);
}
