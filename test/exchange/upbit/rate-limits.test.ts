import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Banned, RateLimited } from '../../../exchange/errors.ts';
import { createRateLimits, type RateGroup, type RateLimits } from '../../../exchange/upbit/rate-limits.ts';

const START = 1_000_250;
const PATIENT = 60_000;

/** Time that goes on to whatever is due next once everybody waits for it. */
function virtualTime() {
  let time = START;
  const due: { readonly at: number; readonly go: () => void }[] = [];
  const wait = (ms: number) => new Promise<void>((go) => void due.push({ at: time + ms, go }));
  return {
    now: () => time,
    wait,
    async pass(): Promise<void> {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = due.sort((a, b) => a.at - b.at).splice(0, 1);
        if (next === undefined) return;
        time = Math.max(time, next.at);
        next.go();
      }
    },
  };
}

/** Calls of a group all asked for at once, whose answers take so long: when each left, after the start. */
async function together(
  group: RateGroup,
  calls: number,
  { answerMs = 20, remaining = () => null as string | null } = {},
) {
  const time = virtualTime();
  const limits = createRateLimits(time.now, time.wait);
  const left: number[] = [];
  const asking = Array.from({ length: calls }, async () => {
    const over = await limits.admit(group, PATIENT);
    left.push(time.now() - START);
    await time.wait(answerMs);
    over(remaining());
  });
  await time.pass();
  await Promise.all(asking);
  return left;
}

/** One call that is answered at once. */
async function call(limits: RateLimits, group: RateGroup, remaining: string | null = null, patienceMs = PATIENT) {
  (await limits.admit(group, patienceMs))(remaining);
}

/** Waiting takes no time but that of the clock. */
function limitsAt(start: number) {
  const clock = { now: start };
  const limits = createRateLimits(
    () => clock.now,
    async (ms) => {
      clock.now += ms;
    },
  );
  return { clock, limits };
}

describe('calls of a group that nothing is known of yet', () => {
  it.each([
    ['market', 10],
    ['candles', 10],
    ['ticker', 10],
    ['orderbook', 10],
    ['crix-trades', 10],
    ['default', 30],
    ['order', 12],
    ['order-test', 8],
  ] as const)(
    'of %s: %i leave at once, the next ones evenly from a second after the first answer on',
    async (group, most) => {
      const left = await together(group, 2 * most);
      expect(left.slice(0, most)).toEqual(Array(most).fill(0));
      const apart = left.slice(most).map((at, n) => at - (1_020 + (n * 1_000) / most));
      expect(Math.max(...apart.map(Math.abs))).toBeLessThan(most);
    },
  );

  it('that may be made once in two seconds leave one after the other', async () => {
    expect(await together('order-cancel-all', 3)).toEqual([0, 2_020, 4_040]);
  });

  it('wait for an answer that takes long: until then nobody knows in which second it is counted', async () => {
    expect((await together('market', 11, { answerMs: 2_500 })).at(-1)).toBe(3_500);
  });

  it('do not hold up those of another group', async () => {
    const { clock, limits } = limitsAt(START);
    for (let times = 0; times < 10; times += 1) await limits.admit('candles', PATIENT);
    await call(limits, 'market');
    expect(clock.now).toBe(START);
  });
});

it('never are more counted in a second than allowed, wherever it begins, however long each way takes', async () => {
  const ways = fc.record({ there: fc.nat(900), back: fc.nat(900), pause: fc.nat(150) });
  const scene = fc.record({ calls: fc.array(ways, { minLength: 11, maxLength: 60 }), phase: fc.nat(999) });
  await fc.assert(
    fc.asyncProperty(scene, async ({ calls, phase }) => {
      const time = virtualTime();
      const limits = createRateLimits(time.now, time.wait);
      const counted: number[] = [];
      let asked = 0;
      const asking = calls.map(async ({ there, back, pause }) => {
        asked += pause;
        await time.wait(asked);
        const over = await limits.admit('candles', PATIENT);
        await time.wait(there);
        const second = Math.floor((time.now() + phase) / 1_000);
        counted[second] = (counted[second] ?? 0) + 1;
        const left = 10 - counted[second];
        await time.wait(back);
        over(`group=candles; min=600; sec=${Math.max(0, left)}`);
      });
      await time.pass();
      await Promise.all(asking);
      expect(Math.max(...counted.filter((count) => count > 0))).toBeLessThanOrEqual(10);
    }),
    { numRuns: 60 },
  );
});

describe('what the exchange says is left', () => {
  it('counts what others use: nothing left is a wait of a second, not until one that our clock begins', async () => {
    const { clock, limits } = limitsAt(START);
    await call(limits, 'candles', 'group=candles; min=600; sec=0');
    await call(limits, 'candles');
    expect(clock.now - START).toBe(1_000);
    await call(limits, 'candles');
    expect(clock.now - START).toBe(1_100);
  });

  it('leaves others their part of the second', async () => {
    const { clock, limits } = limitsAt(START);
    await call(limits, 'default', 'Group=Default; min=1800; sec=4');
    for (let times = 0; times < 4; times += 1) await call(limits, 'default');
    expect(clock.now).toBe(START);
    await call(limits, 'default');
    expect(clock.now).toBe(START + 1_000);
  });

  it('was counted before our calls that left after the one it answers', async () => {
    const { clock, limits } = limitsAt(START);
    const first = await limits.admit('candles', PATIENT);
    for (let times = 0; times < 2; times += 1) await limits.admit('candles', PATIENT);
    first('group=candles; min=600; sec=4');
    for (let times = 0; times < 2; times += 1) await call(limits, 'candles');
    expect(clock.now).toBe(START);
    await call(limits, 'candles');
    expect(clock.now).toBe(START + 1_000);
  });

  it('is not made more by an older answer that comes later', async () => {
    const { clock, limits } = limitsAt(START);
    const [first, second] = [await limits.admit('candles', PATIENT), await limits.admit('candles', PATIENT)];
    second('group=candles; sec=0');
    first('group=candles; sec=8');
    await call(limits, 'candles');
    expect(clock.now).toBe(START + 1_000);
  });

  it('shows an exchange that allows more, as one on paper that runs faster does', async () => {
    const { clock, limits } = limitsAt(START);
    await call(limits, 'candles', 'group=candles; min=36000; sec=599');
    for (let times = 0; times < 599; times += 1) await call(limits, 'candles');
    expect(clock.now).toBe(START);
    await call(limits, 'candles');
    expect(clock.now).toBe(START + 1_000);
  });

  it.each([null, 'nonsense', 'group=market; min=600; sec=0', 'group=candles; min=600; sec=99999999', 'sec=0'])(
    'changes nothing where it is %j',
    async (header) => {
      const { clock, limits } = limitsAt(START);
      for (let times = 0; times < 10; times += 1) await call(limits, 'candles', header);
      expect(clock.now).toBe(START);
      await call(limits, 'candles', header);
      expect(clock.now).toBe(START + 1_000);
    },
  );
});

describe('who cannot wait', () => {
  it('for as long as it takes is refused at once and told how long, the others are not', async () => {
    const { clock, limits } = limitsAt(START);
    await call(limits, 'order-cancel-all');
    clock.now += 500;
    const refused = limits.admit('order-cancel-all', 1_499);
    await expect(refused).rejects.toThrow(RateLimited);
    await expect(refused).rejects.toMatchObject({ retryAfterMs: 1_500 });
    expect(clock.now).toBe(START + 500);
    await call(limits, 'order-cancel-all', null, 1_500);
    expect(clock.now).toBe(START + 2_000);
  });

  it('is refused at once too where the line alone is longer than that', async () => {
    const time = virtualTime();
    const limits = createRateLimits(time.now, time.wait);
    const refusedAfter: number[] = [];
    const asking = Array.from({ length: 45 }, () =>
      call(limits, 'candles', null, 2_500).catch((error: RateLimited) => {
        expect(error).toBeInstanceOf(RateLimited);
        refusedAfter.push(time.now() - START);
      }),
    );
    await time.pass();
    await Promise.all(asking);
    expect(refusedAfter.length).toBeGreaterThan(15);
    expect(refusedAfter.filter((after) => after === 0).length).toBeGreaterThan(10);
  });

  it('at all is let through where nobody has to wait', async () => {
    const { limits } = limitsAt(START);
    await call(limits, 'order', null, -1);
  });
});

describe('after a refusal', () => {
  it('those who waited go one by one', async () => {
    const time = virtualTime();
    const limits = createRateLimits(time.now, time.wait);
    limits.pause('candles', new RateLimited('candles', 1_000));
    const left: number[] = [];
    const asking = Array.from({ length: 8 }, async () => {
      await call(limits, 'candles');
      left.push(time.now() - START);
    });
    await time.pass();
    await Promise.all(asking);
    expect(left).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => 1_000 + n * 100));
  });

  it('that blocks, all are refused at once until the block is over, and served again afterwards', async () => {
    const { clock, limits } = limitsAt(START);
    const underWay = await limits.admit('order', PATIENT);
    limits.pause('order', new Banned(START + 300_000));
    // What is still answered, or refused more mildly, does not end it.
    underWay('group=order; min=720; sec=11');
    limits.pause('order', new RateLimited('order', 1_000));
    clock.now += 299_999;

    await expect(limits.admit('order', PATIENT)).rejects.toThrow(Banned);
    await expect(limits.admit('order', PATIENT)).rejects.toThrow(/stop what else uses this key or address/);
    await call(limits, 'candles');
    expect(clock.now).toBe(START + 299_999);
    clock.now += 1;
    await call(limits, 'order');
    expect(clock.now).toBe(START + 300_000);
  });
});
