import { describe, expect, it } from 'vitest';
import {
  MAX_PAGE,
  OVERLAP,
  planNewestPage,
  planNextPage,
  settledByOlderPage,
} from '../../activities/collection-plan.ts';
import { candleAt, MINUTE, minute } from '../support/candles.ts';

const empty = { newestStored: undefined, coveredUntil: undefined, newestHole: undefined };
const inStep = { newestStored: minute(100), coveredUntil: minute(101), newestHole: undefined };

describe('the newest page', () => {
  it('is a full one at the first start and a small one in step', () => {
    expect(planNewestPage(empty).count).toBe(MAX_PAGE);
    expect(planNewestPage(inStep).count).toBe(OVERLAP + 3);
  });
});

describe('the second page', () => {
  const older = (state: Parameters<typeof planNextPage>[0], reachedDownTo: number, full = true) =>
    planNextPage(state, { reachedDownTo: minute(reachedDownTo), full }, MINUTE);

  it('is not asked for when the newest page reaches back over the overlap', () => {
    expect(older(inStep, 100 - OVERLAP)).toBeUndefined();
  });

  it('closes the distance to the stored candles, overlap included', () => {
    expect(older(inStep, 110)).toEqual({ range: { from: minute(100 - OVERLAP), until: minute(110) }, count: 15 });
  });

  it('takes no more than a page however long the outage was', () => {
    expect(older(inStep, 5_000)?.count).toBe(MAX_PAGE);
  });

  it('heals the newest hole, with the overlap before it, when nothing else is missing', () => {
    const withHole = { ...inStep, newestHole: { from: minute(40), until: minute(52) } };
    expect(older(withHole, 100 - OVERLAP)).toEqual({ range: { from: minute(35), until: minute(52) }, count: 17 });
  });

  it('leaves its oldest slots open when it stops short, so that the next page overlaps it', () => {
    const page = { range: { from: minute(0), until: minute(300) }, count: 2 };
    expect(settledByOlderPage([candleAt(299), candleAt(298)], page, MINUTE)).toBe(minute(298 + OVERLAP));
    expect(settledByOlderPage([candleAt(299), candleAt(0)], page, MINUTE)).toBe(minute(0));
    expect(settledByOlderPage([candleAt(299)], page, MINUTE)).toBe(minute(0));
  });

  it('fetches a page of history at the first start, unless the exchange has no more', () => {
    expect(older(empty, 100)?.count).toBe(MAX_PAGE);
    expect(older(empty, 100, false)).toBeUndefined();
  });
});
