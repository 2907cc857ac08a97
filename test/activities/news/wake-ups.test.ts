import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { createWakeUps, DEAF, type Listener } from '../../../activities/news/wake-ups.ts';
import { standingTime } from '../../exchange/upbit/stream/scripted-lines.ts';

const PAUSE_MS = 400;

/** Somebody who looks again and again, in time that stands still until the test moves it; `looks` are the ms of each. */
function watcher() {
  const time = standingTime();
  const began = Date.now();
  const wakeUps = createWakeUps(Date.now);
  const looks: number[] = [];
  const watch = async (listener: Listener): Promise<void> => {
    for (;;) {
      looks.push(Date.now() - began);
      await listener.next(PAUSE_MS);
    }
  };
  return { ...time, wakeUps, looks, watch };
}

it('who is told nothing looks at its own pace', async () => {
  const { wakeUps, watch, looks, pass } = watcher();
  void watch(wakeUps.listen('mine'));
  await pass(1_000);
  expect(looks).toEqual([0, 400, 800]);
});

it('who is told looks at once, and only who listens to that', async () => {
  const { wakeUps, watch, looks, pass } = watcher();
  void watch(wakeUps.listen('mine'));
  await pass(150);
  wakeUps.wake('of another');
  await pass(50);
  wakeUps.wake('mine');
  await pass(0);
  expect(looks).toEqual([0, 200]);
  await pass(400);
  expect(looks).toEqual([0, 200, 600]);
  // That look was its own: nothing that is told after it has to wait.
  await pass(10);
  wakeUps.wake('mine');
  await pass(0);
  expect(looks).toEqual([0, 200, 600, 610]);
});

it('what is told to all is told to everybody', async () => {
  const { wakeUps, watch, looks, pass } = watcher();
  void watch(wakeUps.listen('one'));
  void watch(wakeUps.listen('another'));
  await pass(10);
  wakeUps.wakeAll();
  await pass(0);
  expect(looks).toEqual([0, 0, 10, 10]);
});

it('what is told while somebody looks makes it look once more', async () => {
  const { wakeUps, pass } = watcher();
  const listener = wakeUps.listen('mine');
  wakeUps.wake('mine');
  wakeUps.wake('mine');
  let isOver = false;
  void listener.next(PAUSE_MS).then(() => {
    isOver = true;
  });
  await pass(0);
  expect(isOver).toBe(true);
  let again = false;
  void listener.next(PAUSE_MS).then(() => {
    again = true;
  });
  await pass(PAUSE_MS - 1);
  expect(again).toBe(false);
});

it('a storm of news makes it look at most four times in a pause, and the last of it is looked at', async () => {
  const { wakeUps, watch, looks, pass } = watcher();
  void watch(wakeUps.listen('mine'));
  for (let ms = 0; ms < 1_000; ms += 1) {
    await pass(1);
    wakeUps.wake('mine');
  }
  expect(looks).toEqual([0, 1, 101, 201, 301, 401, 501, 601, 701, 801, 901]);
  await pass(1);
  expect(looks.at(-1)).toBe(1_001);
  // Then it is quiet, and so is who looks.
  await pass(PAUSE_MS);
  expect(looks.slice(-2)).toEqual([1_001, 1_401]);
});

it('who has closed is told nothing any more', async () => {
  const { wakeUps, pass } = watcher();
  const listener = wakeUps.listen('mine');
  const other = wakeUps.listen('mine');
  listener.close();
  wakeUps.wake('mine');
  const over: string[] = [];
  void listener.next(PAUSE_MS).then(() => over.push('closed'));
  void other.next(PAUSE_MS).then(() => over.push('other'));
  await pass(PAUSE_MS - 1);
  expect(over).toEqual(['other']);
});

it('leaves no timer behind when it is woken', async () => {
  const { wakeUps, pass, timers } = watcher();
  const listener = wakeUps.listen('mine');
  const over = listener.next(60_000);
  wakeUps.wake('mine');
  await pass(0);
  await over;
  expect(timers()).toBe(0);
});

it.each([
  ['told', () => createWakeUps().listen('mine')],
  ['deaf', () => DEAF],
])('a cancelled attempt does not wait to its end: %s', async (_, listen) => {
  const attempt = new MockActivityEnvironment();
  const ended = attempt.run(() => listen().next(60_000));
  attempt.cancel('NOT_FOUND');
  await expect(ended).rejects.toThrow(CancelledFailure);
});
