import { describe, expect, it } from 'vitest';
import { Banned, RateLimited } from '../../../exchange/errors.ts';
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

    expect(clock.waited).toEqual([750, 100, 100]);
  });

  it('do not hold up another group, or a group with calls left', async () => {
    const { clock, limits } = limitsAt(10_250);
    limits.learn('group=candles; min=600; sec=0');
    limits.learn('group=default; min=1800; sec=29');

    await limits.admit('default');
    await limits.admit('order');

    expect(clock.waited).toEqual([]);
  });

  it('let those who waited together go one by one', async () => {
    const { clock, limits } = limitsAt(10_000);
    limits.pause('candles', new RateLimited('candles', 1_000));
    const wentAt: number[] = [];

    await Promise.all(
      Array.from({ length: 8 }, async () => limits.admit('candles').then(() => wentAt.push(clock.now))),
    );

    expect(wentAt).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => 11_000 + n * 100));
  });

  it('refuse at once while an address is blocked, and serve again afterwards', async () => {
    const { clock, limits } = limitsAt(0);
    limits.pause('order', new Banned(300_000));

    await expect(limits.admit('order')).rejects.toThrow(Banned);
    await expect(limits.admit('order')).rejects.toThrow(/stop what else uses this key or address/);
    await limits.admit('candles');
    expect(clock.waited).toEqual([]);
    clock.now = 302_000;
    await limits.admit('order');
  });

  it('survive a header that is missing or strange', async () => {
    const { clock, limits } = limitsAt(0);
    limits.learn(null);
    limits.learn('nonsense');
    await limits.admit('order');
    expect(clock.waited).toEqual([]);
  });
});
