import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { pause, stopIfCancelled } from '../../activities/pause.ts';

test('a cancelled attempt does not wait to its end', async () => {
  const attempt = new MockActivityEnvironment();
  const began = performance.now();
  const ended = attempt.run(() => pause(60_000));
  attempt.cancel('NOT_FOUND');
  await expect(ended).rejects.toThrow(CancelledFailure);
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('a loop of a cancelled attempt ends at its next turn, one of a running attempt does not', async () => {
  const attempt = new MockActivityEnvironment();
  let turns = 0;
  const ended = attempt.run(async () => {
    for (;;) {
      await stopIfCancelled();
      turns += 1;
      if (turns === 3) attempt.cancel('WORKER_SHUTDOWN');
    }
  });
  await expect(ended).rejects.toThrow(CancelledFailure);
  expect(turns).toBe(3);
});

test('outside an activity it just waits', async () => {
  await stopIfCancelled();
  await pause(1);
});
