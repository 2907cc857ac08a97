import { describe, expect, it } from 'vitest';
import { createRateLimits } from '../../../exchange/upbit/rate-limits.ts';

function limitsAt(start: number) {
  const clock = { now: start, waited: [] as number[] };
  const limits = createRateLimits(
    () => clock.now,
    async (ms) => {
      clock.waited.push(ms);
      clock.now += ms;
    },
  );
  return { clock, limits };
}

describe('rate limits', () => {
  it('let the next call of a group wait for the next second once the exchange says none is left', async () => {
    const { clock, limits } = limitsAt(10_250);
    limits.learn('group=candles; min=600; sec=0');

    await limits.admit('candles');
    await limits.admit('candles');

    expect(clock.waited).toEqual([750]);
  });

  it('do not hold up another group, or a group with calls left', async () => {
    const { clock, limits } = limitsAt(10_250);
    limits.learn('group=candles; min=600; sec=0');
    limits.learn('group=default; min=1800; sec=29');

    await limits.admit('default');
    await limits.admit('order');

    expect(clock.waited).toEqual([]);
  });

  it('stop a group until a block ends, and survive a header that is missing or strange', async () => {
    const { clock, limits } = limitsAt(0);
    limits.learn(null);
    limits.learn('nonsense');
    limits.pause('order', 5_000);

    await limits.admit('order');

    expect(clock.waited).toEqual([5_000]);
  });
});
