import { expect, it } from 'vitest';
import { RateLimited } from '../../../../exchange/errors.ts';
import { createPacedLimits } from '../../../../exchange/paper/live/paced-limits.ts';

/** Calls asked for all at once, and when each left or that it was refused; waiting takes no time but that of the clock. */
async function askAtOnce(calls: number, speed: number) {
  let time = 1_000_000;
  const due: { readonly at: number; readonly go: () => void }[] = [];
  const limits = createPacedLimits(
    speed,
    () => time,
    (ms) => new Promise<void>((go) => void due.push({ at: time + ms, go })),
  );
  const left: number[] = [];
  const refused: unknown[] = [];
  const asking = Array.from({ length: calls }, async () => {
    try {
      await limits.admit('candles');
      left.push(time - 1_000_000);
    } catch (error) {
      refused.push(error);
    }
  });
  for (let turn = 0; turn < 1_000; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    const next = due.sort((a, b) => a.at - b.at).shift();
    if (next === undefined) break;
    time = next.at;
    next.go();
  }
  await Promise.all(asking);
  return { left, refused };
}

it.each([1, 60])('lets eight calls a second through, at speed %i so many times more', async (speed) => {
  const { left, refused } = await askAtOnce(12 * speed, speed);

  expect(refused).toEqual([]);
  expect(left.filter((at) => at < 1_000)).toHaveLength(8 * speed);
  expect(left.filter((at) => at >= 1_000 && at < 2_000)).toHaveLength(4 * speed);
});

it('refuses at once whoever would wait longer than a second', async () => {
  const { left, refused } = await askAtOnce(30, 1);

  expect(left).toHaveLength(16);
  expect(Math.max(...left)).toBeLessThanOrEqual(1_000);
  expect(refused).toHaveLength(14);
  expect(refused.every((error) => error instanceof RateLimited)).toBe(true);
});
