import { expect, test } from 'vitest';
import { createRateLimit, type RateGroup } from '../../../exchange/paper/rate-limit.ts';
import { get, signed, standingWall, startForTest } from './paper.ts';
import { PUBLIC, shakeHands } from './stream/sockets.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Calls of `market` in a second, and refusals after which there is no patience left. */
const [ALLOWED, PATIENCE] = [10, 100];

function limitAt(speed = 1) {
  const wall = standingWall();
  const limit = createRateLimit(speed, wall.now);
  return {
    wall,
    limit,
    /** Calls all at once; how many were allowed, refused, and blocked. */
    call(group: RateGroup, times: number): [allowed: number, refused: number, blocked: number] {
      const answers = Array.from({ length: times }, () => limit(group));
      const allowed = answers.filter((answer) => answer.allowed).length;
      const blocked = answers.filter(({ blockedFor }) => blockedFor !== undefined).length;
      return [allowed, times - allowed - blocked, blocked];
    },
    /** Goes on through refusals until it is blocked; for how many seconds. */
    untilBlocked(): number | undefined {
      for (let call = 0; call <= ALLOWED + PATIENCE; call += 1) {
        const { blockedFor } = limit('market');
        if (blockedFor !== undefined) return blockedFor;
      }
      return undefined;
    },
  };
}

test('who goes on through refusals is blocked for a minute, and then no more', () => {
  const { wall, call, limit } = limitAt();

  expect(call('market', ALLOWED + PATIENCE + 5)).toEqual([ALLOWED, PATIENCE, 5]);
  wall.pass(MINUTE - 1);
  expect(limit('market')).toEqual({ allowed: false, blockedFor: 1, remaining: 'group=market; min=600; sec=0' });
  wall.pass(1);
  expect(call('market', ALLOWED + 1)).toEqual([ALLOWED, 1, 0]);
});

test('refusals in one second after the other add up; a second without one forgets them', () => {
  const { wall, call } = limitAt();

  for (let second = 0; second < 9; second += 1) {
    expect(call('market', 20)).toEqual([10, 10, 0]);
    wall.pass(1_000);
  }
  wall.pass(1_000);
  for (let second = 0; second < 10; second += 1) {
    expect(call('market', 20)).toEqual([10, 10, 0]);
    wall.pass(1_000);
  }
  expect(call('market', 1)).toEqual([0, 0, 1]);
});

test('an address is blocked whole, the account is not, and the other way round', () => {
  const { wall, call } = limitAt();

  call('market', ALLOWED + PATIENCE);
  expect([call('candles', 1), call('websocket-connect', 1), call('order', 1), call('default', 1)]).toEqual([
    [0, 0, 1],
    [0, 0, 1],
    [1, 0, 0],
    [1, 0, 0],
  ]);
  wall.pass(MINUTE);
  expect(call('order-cancel-all', 8)).toEqual([1, 5, 2]);
  expect([call('order', 1), call('default', 1), call('order-test', 1), call('ticker', 1)]).toEqual([
    [0, 0, 1],
    [0, 0, 1],
    [0, 0, 1],
    [1, 0, 0],
  ]);
});

test('each block is twice as long as the one before, an hour at most, and an hour without one forgets them', () => {
  const { wall, untilBlocked } = limitAt();

  const lengths: (number | undefined)[] = [];
  for (let block = 0; block < 8; block += 1) {
    lengths.push(untilBlocked());
    wall.pass((lengths.at(-1) ?? 0) * 1_000);
  }

  expect(lengths).toEqual([60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
  wall.pass(HOUR);
  expect(untilBlocked()).toBe(60);
});

test('a block is of market time, as limits are: at sixty times the speed it takes a second', () => {
  const { wall, call } = limitAt(60);

  expect(call('market', 60 * (ALLOWED + PATIENCE) + 1)).toEqual([60 * ALLOWED, 60 * PATIENCE, 1]);
  wall.pass(999);
  expect(call('market', 1)).toEqual([0, 0, 1]);
  wall.pass(1);
  expect(call('market', 1)).toEqual([1, 0, 0]);
});

test('who is blocked is answered 418, in words alone, and finds no line either', async () => {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now });
  const statuses: number[] = [];
  for (let call = 0; call < ALLOWED + PATIENCE; call += 1) {
    statuses.push((await get(`${url}/v1/market/all`)).status);
  }
  expect([200, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([ALLOWED, PATIENCE]);

  const answer = await fetch(`${url}/v1/ticker?markets=KRW-BTC`);
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    418,
    'text/plain; charset=utf-8',
    'Too many API requests. Blocked for 60 seconds.',
  ]);
  expect(answer.headers.get('remaining-req')).toBe('group=ticker; min=600; sec=0');
  expect((await shakeHands(url.replace('http', 'ws') + PUBLIC)).status).toBe(418);
  expect((await signed(url, 'GET', '/v1/accounts')).status).toBe(200);
  wall.pass(MINUTE);
  expect((await get(`${url}/v1/market/all`)).status).toBe(200);
});
