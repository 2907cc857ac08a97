import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BROKEN_BUILDS } from '../chaos/broken-builds.ts';
import { STEPS } from '../chaos/steps.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'exactly-once.md'), 'utf8');

test('the page says of every step that is interrupted what happens then, in the same order', () => {
  const [, table = ''] = page.split('| step | then |\n|---|---|\n');
  const rows = table.split('\n\n')[0]?.split('\n') ?? [];

  expect(rows.map((row) => row.split('|')[1]?.trim())).toEqual(STEPS.map(({ name }) => name));
});

test('the page names every broken build', () => {
  for (const name of BROKEN_BUILDS) expect(page).toContain(`\`${name}\``);
});
