import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { conclude } from '../../../cli/demo/conclude.ts';
import type { Verdict } from '../../../cli/demo/verdict.ts';

/** How a demo of this ending ends. */
async function conclusion(demo: (interrupt: () => void) => Promise<Verdict>) {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-conclude-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const interrupted = new AbortController();
  const said: string[] = [];
  const code = await conclude(() => demo(() => interrupted.abort()), {
    ...{ folder, interrupted: interrupted.signal },
    say: (line) => said.push(line),
  });
  return { code, said: said.map((line) => line.replace(folder, 'FOLDER')), folderIsThere: existsSync(folder) };
}
const KEPT = "kept for a look: FOLDER (the bot's log is bot.txt)";

it('a promise that was kept ends with 0, the verdict last, and leaves nothing behind', async () => {
  const lines = ['money: agrees', 'lost 0'];
  expect(await conclusion(async () => ({ kept: true, lines }))).toEqual({ code: 0, said: lines, folderIsThere: false });
});

it('one that was not ends with 1, the verdict last, and keeps its folder', async () => {
  const lines = ['WRONG  an order is there twice', 'duplicates 1'];
  const ended = await conclusion(async () => ({ kept: false, lines }));
  expect(ended).toEqual({ code: 1, said: [KEPT, ...lines], folderIsThere: true });
});

it('one that could not be shown ends with 1, and keeps its folder', async () => {
  const ended = await conclusion(() => Promise.reject(new Error('no order came')));
  expect(ended).toEqual({ code: 1, said: ['no order came', KEPT], folderIsThere: true });
});

it('one that was interrupted ends with 130, and leaves nothing behind', async () => {
  const ended = await conclusion(async (interrupt) => {
    interrupt();
    throw new Error('this operation was aborted');
  });
  expect(ended).toMatchObject({ code: 130, folderIsThere: false });
});
