import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** The rules that these files, each with one import, break: `file rule`. */
function broken(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json']) {
    copyFileSync(join(root, name), join(folder, name));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const rooms = ['workflows', 'activities', 'workers', 'schedules', 'db', 'strategy', 'exchange', 'cli', 'config'];
  for (const room of [...rooms, 'process', 'exchange/matching']) {
    mkdirSync(join(folder, room), { recursive: true });
    writeFileSync(join(folder, room, 'leaf.ts'), 'export type T = number;\nexport const leaf: T = 1;\n');
  }
  for (const [path, line] of Object.entries(files)) writeFileSync(join(folder, path), `${line}\nexport const x = 1;\n`);
  const bin = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const args = [bin, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', '.'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (stdout === '') throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return summary.violations.map(({ from, rule }) => `${from} ${rule.name}`).sort();
}

test('what the rooms may import is let through', () => {
  expect(
    broken({
      'workflows/good.ts':
        "import { proxyActivities } from '@temporalio/workflow';\nimport type { T } from '../activities/leaf.ts';\n" +
        'export const y: T = Number(typeof proxyActivities);',
      'activities/good.ts': "import { leaf } from '../db/leaf.ts';\nexport const y = leaf;",
      'cli/good.ts': "import { leaf } from '../workers/leaf.ts';\nexport const y = leaf;",
    }),
  ).toEqual([]);
});

test('an import against the direction, and anything impure in a workflow or a strategy, is refused', () => {
  const importing = (path: string) => `import { leaf } from '${path}';\nexport const y = leaf;`;
  const found = broken({
    'strategy/up.ts': importing('../db/leaf.ts'),
    'strategy/config.ts': importing('../config/leaf.ts'),
    'strategy/io.ts': "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;",
    'exchange/matching/io.ts': "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;",
    'db/up.ts': importing('../activities/leaf.ts'),
    'exchange/up.ts': importing('../db/leaf.ts'),
    'activities/up.ts': importing('../workers/leaf.ts'),
    'workflows/code.ts': importing('../activities/leaf.ts'),
    'workflows/config.ts': importing('../config/leaf.ts'),
    'workflows/io.ts': "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;",
    'workflows/money.ts': "import { Decimal } from 'decimal.js';\nexport const y = Decimal;",
  });

  expect(found).toEqual(
    expect.arrayContaining([
      'activities/up.ts activities-imports-only-what-lies-below-it',
      'db/up.ts db-imports-only-what-lies-below-it',
      'exchange/matching/io.ts pure-rooms-do-no-io',
      'exchange/up.ts exchange-imports-only-what-lies-below-it',
      'strategy/config.ts strategy-imports-only-what-lies-below-it',
      'strategy/io.ts pure-rooms-do-no-io',
      'strategy/up.ts strategy-imports-only-what-lies-below-it',
      'workflows/code.ts workflows-imports-only-what-lies-below-it',
      'workflows/config.ts workflows-take-only-types-of-config',
      'workflows/io.ts workflows-are-deterministic-orchestration',
      'workflows/money.ts workflows-are-deterministic-orchestration',
    ]),
  );
});
