import { beforeEach, describe, expect, test } from 'vitest';
import { createExchangeClock, type ExchangeClock } from '../../exchange/exchange-clock.ts';

const PACE = 60;
const NOON = Date.UTC(2025, 8, 1, 12);

let wall: number;
/** What the machine's own clock shows, which may be set, and does not sleep. */
let shown: number;
/** What the exchange's own clock shows, market milliseconds. */
let truth: number;
let clock: ExchangeClock;

beforeEach(() => {
  wall = 1_000_000;
  shown = 7_000_000;
  truth = NOON;
  clock = createExchangeClock(
    PACE,
    () => wall,
    () => shown,
  );
});

function pass(wallMs: number, marketMs = wallMs * PACE): void {
  wall += wallMs;
  shown += wallMs;
  truth += marketMs;
}

/** One request; the exchange reads its clock half-way, cut to whole seconds. */
function askOnce(tookMs: number, header = () => truth - (truth % 1_000)): void {
  const learn = clock.ask();
  pass(tookMs / 2);
  const date = header();
  pass(tookMs / 2);
  learn(date);
}

test('there is no market time before the first answer', () => {
  expect(clock.now()).toBeUndefined();
});

test('market time goes on between answers at its own pace', () => {
  askOnce(0);
  pass(500);
  expect(clock.now()).toBe(NOON + 30_000);
});

describe('the estimate', () => {
  test('is never ahead of the exchange, however long answers take', () => {
    for (const tookMs of [0, 3, 800, 12, 40, 2_900, 7, 1]) {
      pass(137);
      askOnce(tookMs);
      expect(clock.now()).toBeLessThanOrEqual(truth);
    }
  });

  test('comes as near as the best answer, and a slow one does not spoil it', () => {
    pass(16, 999);
    askOnce(0);
    expect(truth - (clock.now() ?? 0)).toBe(999);
    pass(1, 1);
    askOnce(0);
    expect(clock.now()).toBe(truth);
    askOnce(2_000);
    expect(clock.now()).toBe(truth);
  });
});

describe('an exchange whose clock stood still', () => {
  beforeEach(() => {
    askOnce(0);
    pass(5_000, 0);
  });

  test('is believed at once', () => {
    askOnce(2);
    expect(truth - (clock.now() ?? 0)).toBeGreaterThanOrEqual(0);
    expect(truth - (clock.now() ?? 0)).toBeLessThanOrEqual(1_000 + 2 * PACE);
  });

  test('is not told from one whose answer took as long', () => {
    truth += 5_000 * PACE;
    for (let n = 0; n < 3; n += 1) askOnce(5_000);
    expect(clock.now()).toBe(truth);
  });
});

test('an old header out of a cache turns the clock back only until the next answer', () => {
  askOnce(0);
  pass(1_000);
  askOnce(0, () => NOON);
  expect(clock.now()).toBe(NOON);
  askOnce(0);
  expect(clock.now()).toBe(truth);
});

test('a wall clock that runs fast is followed, within a second of market time', () => {
  clock = createExchangeClock(1, () => wall);
  for (let n = 0; n < 10_000; n += 1) {
    pass(1_010, 1_000);
    askOnce(0);
  }
  expect(Math.abs((clock.now() ?? 0) - truth)).toBeLessThanOrEqual(1_010);
});

describe('the estimate is in doubt', () => {
  beforeEach(() => askOnce(10));

  test('not while both clocks of the machine go on alike, however long nobody asks', () => {
    pass(3_600_000);
    shown += 999;
    expect(clock.isDoubtful()).toBe(false);
  });

  test.each([1_001, -1_001, 90_000, -90_000])('when they differ by %i ms, until the next answer', (ms) => {
    shown += ms;
    expect(clock.isDoubtful()).toBe(true);
    askOnce(10);
    expect(clock.isDoubtful()).toBe(false);
  });

  test('after an answer that was asked for before the machine slept', () => {
    const learn = clock.ask();
    const header = truth - (truth % 1_000);
    shown += 8 * 3_600_000;
    truth += 8 * 3_600_000 * PACE;
    learn(header);
    expect(clock.isDoubtful()).toBe(true);
    askOnce(0);
    expect(clock.isDoubtful()).toBe(false);
    expect(truth - (clock.now() ?? 0)).toBeLessThan(1_000);
  });
});
