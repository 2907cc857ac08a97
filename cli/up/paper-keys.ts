import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hideFromPrint } from '../../config/hide-from-print.ts';
import { readJsonFile, writeJsonFile } from '../../process/json-file.ts';

export interface PaperKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The keys of a data directory's paper account, minted at the first start, so that no two accounts share one. */
export function paperKeys(dataDir: string): PaperKeys {
  const path = join(dataDir, 'paper-keys.json');
  const kept = readJsonFile(path, isPaperKeys, 'restore it from a copy or choose another directory with --data-dir');
  if (kept !== null) return hideFromPrint(kept);
  const minted = { accessKey: `paper-${randomBytes(8).toString('hex')}`, secretKey: randomBytes(32).toString('hex') };
  writeJsonFile(path, minted);
  return hideFromPrint(minted);
}

function isPaperKeys(value: unknown): value is PaperKeys {
  const keys = value as Partial<PaperKeys> | null;
  return typeof keys?.accessKey === 'string' && typeof keys.secretKey === 'string';
}
