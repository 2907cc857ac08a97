import { expect, test } from 'vitest';
import { inTurns } from '../../../exchange/paper/state/in-turns.ts';

/** Work whose turns end when they are told to. */
function slowWork() {
  const turns: PromiseWithResolvers<void>[] = [];
  const ask = inTurns(() => {
    const turn = Promise.withResolvers<void>();
    turns.push(turn);
    return turn.promise;
  });
  return { turns, ask };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('who asks while a turn runs shares the next one, which begins when it has ended', async () => {
  const { turns, ask } = slowWork();
  const ended: string[] = [];
  const note = (name: string) => ask().then(() => ended.push(name));

  note('first');
  await settled();
  note('second');
  note('third');
  await settled();
  expect([turns.length, ended]).toEqual([1, []]);
  turns[0]?.resolve();
  await settled();
  expect([turns.length, ended]).toEqual([2, ['first']]);
  turns[1]?.resolve();
  await settled();
  expect([turns.length, ended]).toEqual([2, ['first', 'second', 'third']]);
});

test('after a turn that failed, who waited and who asks later hear of it, and nothing is tried again', async () => {
  const { turns, ask } = slowWork();
  const first = ask();
  await settled();
  const second = ask();
  turns[0]?.reject(new Error('the disk is gone'));

  for (const one of [first, second, ask()]) await expect(one).rejects.toThrow('the disk is gone');
  expect(turns).toHaveLength(1);
});
