import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './paper.ts';

const DURABLE_FILE = new URL('../../../exchange/paper/state/durable-file.ts', import.meta.url).href;

test('a disk that takes only a part of a file leaves the old one', () => {
  const path = join(temporaryFolder(), 'snapshot.json');
  writeFileSync(path, 'old');
  const program = `
    const { writeDurably } = await import(${JSON.stringify(DURABLE_FILE)});
    writeDurably(${JSON.stringify(path)}, 'x'.repeat(1_000_000));`;
  // A limit of the size of files meets a write as a full disk does: what fits is taken, and only the next is refused.
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 100 && exec "$0" --input-type=module -e "$1"', process.execPath, program],
    { encoding: 'utf8' },
  );

  expect(stderr).toContain('EFBIG');
  expect(status).toBe(1);
  expect(readFileSync(path, 'utf8')).toBe('old');
});
