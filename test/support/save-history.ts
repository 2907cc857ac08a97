import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { RecordedHistory } from './temporal.ts';

const root = join(import.meta.dirname, '..', '..');

/** Keeps a history as the server gave it, but for where the project lay on the machine that recorded it. */
export function saveHistory(name: string, history: RecordedHistory): void {
  const text = historyToJSON(history).replaceAll(`${root}/`, '');
  writeFileSync(join(root, 'test', 'histories', `${name}.json`), `${text}\n`);
}
