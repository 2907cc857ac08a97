import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openMarketClock } from '../../../exchange/paper/market-clock.ts';
import { standingWall, temporaryFolder } from './paper.ts';

const MINUTE = 60_000;
const ORIGIN = Date.UTC(2025, 0, 1);

function clockIn(folder: string, wall: { now(): number }, speed = 60) {
  return openMarketClock({ path: join(folder, 'clock.json'), speed, wallClock: wall.now, origin: ORIGIN });
}

test.each([1, 2, 7, 60, 600])('at %s× market minutes turn on multiples of 60000 / speed ms of the wall', (speed) => {
  // Not on a boundary itself.
  const wall = standingWall(1_800_000_000_123);
  const clock = clockIn(temporaryFolder(), wall, speed);

  let before = Math.floor(clock.now() / MINUTE);
  let turns = 0;
  for (let ms = 0; ms < 130_000 / speed; ms += 1) {
    wall.pass(1);
    const minute = Math.floor(clock.now() / MINUTE);
    if (minute !== before) {
      turns += 1;
      expect((wall.now() * speed) % MINUTE).toBeLessThan(speed);
    }
    before = minute;
  }

  expect(turns).toBeGreaterThanOrEqual(2);
});

test('a new clock starts within a minute after its origin', () => {
  const time = clockIn(temporaryFolder(), standingWall(1_800_000_000_123)).now();

  expect(time).toBeGreaterThanOrEqual(ORIGIN);
  expect(time).toBeLessThan(ORIGIN + MINUTE);
});

test('after a clean stop market time goes on within a minute, however long the wall went on', () => {
  const folder = temporaryFolder();
  const wall = standingWall();
  const first = clockIn(folder, wall);
  first.now();
  wall.pass(12_345);
  const stopped = first.stop();

  wall.pass(86_400_000);
  const resumed = clockIn(folder, wall).now();

  expect(resumed).toBeGreaterThanOrEqual(stopped);
  expect(resumed - stopped).toBeLessThan(MINUTE);
});

test('after a kill at any moment it never goes back and loses two and a quarter minutes at most', () => {
  const folder = temporaryFolder();
  const wall = standingWall();
  let last = 0;
  for (let life = 0; life < 70; life += 1) {
    const clock = clockIn(folder, wall);
    const start = clock.now();
    expect(start).toBeGreaterThanOrEqual(last);
    if (last > 0) expect(start - last).toBeLessThan(2.25 * MINUTE);
    for (let look = 0; look <= life % 7; look += 1) {
      wall.pass(131 + (life % 13) * 17);
      if (look % 2 === 0) clock.renewAhead();
      last = clock.now();
    }
    // Forgotten without a stop: a kill.
  }
});

test('no time is given out that the file does not already cover', () => {
  const folder = temporaryFolder();
  const wall = standingWall();
  const clock = clockIn(folder, wall);
  for (let step = 0; step < 50; step += 1) {
    wall.pass(333);
    const time = clock.now();
    const { mayHaveServed } = JSON.parse(readFileSync(join(folder, 'clock.json'), 'utf8'));
    expect(mayHaveServed).toBeGreaterThanOrEqual(time);
  }
});

test('a wall clock set back makes market time wait, running or not', () => {
  const folder = temporaryFolder();
  const wall = standingWall();
  const clock = clockIn(folder, wall);
  wall.pass(10_000);
  const before = clock.now();

  wall.pass(-5_000);
  expect(clock.now()).toBe(before);
  clock.stop();
  wall.pass(-86_400_000);
  expect(clockIn(folder, wall).now()).toBeGreaterThanOrEqual(before);
});

test('a damaged clock file is told, not guessed', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'clock.json'), '{"mayHave');

  expect(() => clockIn(folder, standingWall())).toThrow('damaged');
});
