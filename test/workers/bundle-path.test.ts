import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

test('the bundle of changed code has another name, so that an old one is never run', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'durabit-bundle-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const part of ['workflows', 'strategy', 'config', 'workers', 'package.json', 'package-lock.json']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  const { workflowBundlePath } = await import(join(copy, 'workers', 'bundle-path.ts'));
  const names = [await workflowBundlePath('/bundles')];
  expect(await workflowBundlePath('/bundles')).toBe(names[0]);

  for (const part of ['workflows/collect.ts', 'strategy/candle.ts', 'config/market.ts', 'package-lock.json']) {
    appendFileSync(join(copy, part), '\n');
    names.push(await workflowBundlePath('/bundles'));
  }

  expect(new Set(names).size).toBe(5);
});
