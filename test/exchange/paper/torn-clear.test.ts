import { fdatasyncSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openJournalFile } from '../../../exchange/paper/state/journal-file.ts';
import { temporaryFolder } from './paper.ts';

vi.mock('node:fs', { spy: true });

test('a journal that could not be synced when it was emptied takes back a torn line all the same', () => {
  const path = join(temporaryFolder(), 'journal.jsonl');
  const { file } = openJournalFile(path, () => {});
  file.append({ number: 1 });
  vi.mocked(fdatasyncSync).mockImplementationOnce(() => {
    throw new Error('EIO');
  });
  expect(() => file.clear()).toThrow('EIO');
  vi.mocked(writeSync).mockImplementationOnce(() => 3);
  expect(() => file.append({ number: 2 })).toThrow('part of a journal line');
  file.append({ number: 3 });
  file.close();

  expect(openJournalFile(path, () => {}).lines).toEqual([{ number: 3 }]);
});
