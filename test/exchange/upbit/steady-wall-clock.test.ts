import { afterEach, expect, it, vi } from 'vitest';
import { createRateLimits } from '../../../exchange/upbit/rate-limits.ts';
import { steadyWallClock } from '../../../exchange/upbit/steady-wall-clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

it.each([-90_000, 90_000])('goes on as before when the machine’s clock is set by %i ms', (ms) => {
  const now = steadyWallClock();
  const before = now();
  expect(Math.abs(before - Date.now())).toBeLessThan(50);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  expect(now() - before).toBeGreaterThanOrEqual(0);
  expect(now() - before).toBeLessThan(1_000);
});

it('a clock that is set back keeps no group closed for longer than its second', async () => {
  const limits = createRateLimits();
  (await limits.admit('order', 0))('group=order; min=1; sec=0');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 90_000 });
  const began = performance.now();
  await limits.admit('order', 5_000);
  expect(performance.now() - began).toBeLessThan(1_500);
});
