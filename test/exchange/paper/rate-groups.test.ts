import { expect, it } from 'vitest';
import { createRateLimit, type RateGroup } from '../../../exchange/paper/rate-limit.ts';
import { get, standingWall, startForTest } from './paper.ts';

function countsAt(speed = 1) {
  const wall = standingWall();
  const count = createRateLimit(speed, wall.now);
  return {
    wall,
    /** How many of so many calls are allowed. */
    allowed: (group: RateGroup, calls: number) =>
      Array.from({ length: calls }, () => count(group).allowed).filter((allowed) => allowed).length,
    left: (group: RateGroup) => /sec=(\d+)/.exec(count(group).remaining)?.[1],
  };
}

it('begins each second of quotation afresh, however the second before ended', () => {
  const { wall, allowed } = countsAt();
  wall.pass(990);
  expect(allowed('candles', 11)).toBe(10);
  wall.pass(10);
  expect(allowed('candles', 11)).toBe(10);
});

it.each([
  ['order', 12],
  ['default', 30],
  ['order-test', 8],
] as const)(
  'fills the bucket of %s all the time: a second allows its calls, and the next those it filled',
  (group, most) => {
    const { wall, allowed, left } = countsAt();
    wall.pass(990);
    expect(allowed(group, most + 1)).toBe(most);
    wall.pass(10);
    expect(allowed(group, most)).toBeLessThan(2);
    wall.pass(500);
    expect(allowed(group, most)).toBe(most / 2);
    wall.pass(60_000);
    expect(left(group)).toBe(String(most - 1));
  },
);

it('lets a client that spreads its orders evenly go on for ever', () => {
  const { wall, allowed } = countsAt();
  for (let calls = 0; calls < 1_200; calls += 1) {
    expect(allowed('order', 1)).toBe(1);
    wall.pass(1_000 / 12);
  }
});

it('fills as many times as fast as the market goes', () => {
  const { wall, allowed } = countsAt(60);
  expect(allowed('order', 1_000)).toBe(720);
  wall.pass(100);
  expect(allowed('order', 1_000)).toBe(72);
});

it('allows a web page one call in ten seconds, in all groups of quotation together, and the account what it ever does', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });
  const page = async (target: string) => {
    const answer = await fetch(`${url}${target}`, { headers: { origin: 'https://example.org' } });
    return [answer.status, answer.headers.get('remaining-req')];
  };

  expect(await page('/v1/market/all')).toEqual([200, 'group=origin; min=6; sec=0']);
  expect(await page('/v1/ticker?markets=KRW-BTC')).toEqual([429, 'group=origin; min=6; sec=0']);
  expect((await get(`${url}/v1/ticker?markets=KRW-BTC`)).status).toBe(200);
  expect((await page('/v1/accounts'))[1]).toMatch(/^group=default/);
  wall.pass(10_000);
  expect((await page('/v1/ticker?markets=KRW-BTC'))[0]).toBe(200);
});
