import { describe, expect, it } from 'vitest';
import { closeInstants } from './market-time.ts';

const WALL = Date.parse('2026-11-22T12:00:00.000Z');
const MARKET = Date.parse('2025-01-01T03:30:00.000Z');

describe('the wall instant of a close', () => {
  it.each([0, 16, 250, 480])('is a whole second at speed 60, although the clock was read %d ms late', (late) => {
    const close = closeInstants(MARKET, WALL + late, 60);

    expect(close(MARKET)).toBe(WALL + 1_000);
    expect(close(MARKET - 60_000)).toBe(WALL);
    expect(close(MARKET + 99 * 60_000)).toBe(WALL + 100_000);
  });

  it('is the minute itself in real time', () => {
    const close = closeInstants(WALL + 20_000, WALL + 20_100, 1);

    expect(close(WALL)).toBe(WALL + 60_000);
  });
});
