import type { Context } from '@temporalio/activity';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { heartbeats } from '../../workers/heartbeats.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const input = { args: [], headers: {} };

/** Runs `activity` as a worker does, and counts its reports. */
function run(activity: () => Promise<unknown>) {
  const heartbeat = vi.fn();
  const { inbound } = heartbeats({ heartbeat } as unknown as Context);
  return { heartbeat, ended: inbound?.execute?.(input, activity) };
}

test('an activity reports every second while it runs, and not after it', async () => {
  const { heartbeat, ended } = run(() => new Promise((resolve) => setTimeout(resolve, 3_500, 'done')));
  await vi.advanceTimersByTimeAsync(3_500);
  expect(await ended).toBe('done');
  expect(heartbeat).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(heartbeat).toHaveBeenCalledTimes(3);
});

test('a failed activity fails as before, and reports no more', async () => {
  const { heartbeat, ended } = run(() => Promise.reject(new Error('the exchange is away')));
  await expect(ended).rejects.toThrow('the exchange is away');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(heartbeat).not.toHaveBeenCalled();
});

test('what the attempt before told is repeated, and then what this one tells: nothing of it gets lost', async () => {
  const heartbeat = vi.fn();
  const context = { heartbeat, info: { heartbeatDetails: 'half-way' } } as unknown as Context;
  const { inbound } = heartbeats(context);
  const ended = inbound?.execute?.(input, () => new Promise((resolve) => setTimeout(resolve, 2_500, 'done')));
  await vi.advanceTimersByTimeAsync(2_500);
  await ended;
  expect(heartbeat.mock.calls).toEqual([['half-way'], ['half-way']]);
});
