import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { quietRuntime } from '../support/temporal.ts';
import { readMarkdown } from './markdown.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readMarkdown(readFileSync(join(root, 'docs', 'changing-workflows.md'), 'utf8'));
const [patching = '', deprecating = '', removing = ''] = page.blocks
  .filter(({ language }) => language === 'diff')
  .map(({ text }) => text);
const today = readFileSync(join(root, 'workflows', 'trade.ts'), 'utf8');

/** What a text becomes by a diff whose hunks stand between lines that begin with `@@`; each must fit exactly once. */
function patch(text: string, diff: string): string {
  const hunks = diff.split(/^@@.*\n/m).filter((hunk) => hunk.trim() !== '');
  return hunks.reduce((before, hunk) => {
    const lines = hunk.trimEnd().split('\n');
    const keep = (but: string) => lines.filter((line) => !line.startsWith(but)).map((line) => line.slice(1));
    const parts = before.split(`${keep('+').join('\n')}\n`);
    if (parts.length !== 2) throw new Error(`fits ${parts.length - 1} times:\n${hunk}`);
    return parts.join(`${keep('-').join('\n')}\n`);
  }, text);
}

/** All workflows as one script, TradeWorkflow being this one. */
async function bundleWith(trade: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-changed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, 'workflows'), join(folder, 'workflows'), { recursive: true });
  for (const room of ['node_modules', 'strategy']) symlinkSync(join(root, room), join(folder, room));
  writeFileSync(join(folder, 'workflows', 'trade.ts'), trade);
  const workflowsPath = join(folder, 'workflows', 'index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  return code;
}

const histories = join(root, 'test', 'histories');
const replay = (code: string, file: string) =>
  Worker.runReplayHistory({ workflowBundle: { code } }, JSON.parse(readFileSync(join(histories, file), 'utf8')));

beforeAll(() => quietRuntime());

describe('the change that docs/changing-workflows.md makes to TradeWorkflow', () => {
  it('with patched() lets every recorded run go on', async () => {
    const code = await bundleWith(patch(today, patching));
    const files = readdirSync(histories).filter((name) => name.startsWith('trade-'));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) await replay(code, file);
  });

  it('without it breaks a run that has an order, in the words of the page', async () => {
    const guard = "if (patched('announce-order')) ";
    expect(patching).toContain(guard);
    const code = await bundleWith(patch(today, patching).replace(guard, ''));

    const failure = await replay(code, 'trade-bought.json').catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(DeterminismViolationError);
    const [said] = /message: "[^"]+"/.exec((failure as Error).message) ?? [];
    const shown = page.blocks.map(({ text }) => text.replaceAll(/\s+/g, ' '));
    expect(shown).toContainEqual(expect.stringContaining(said ?? 'no message'));
  });

  it('is taken away in two steps that fit what is there', () => {
    const gone = patch(patch(patch(today, patching), deprecating), removing);
    expect(gone).toContain('announceOrder');
    expect(gone).not.toContain('atch(');
  });
});
