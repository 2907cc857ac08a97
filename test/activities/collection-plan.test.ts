import { describe, expect, it } from 'vitest';
import { MAX_PAGE, OVERLAP, planNewestPage, planNextPage, readOlderPage } from '../../activities/collection-plan.ts';
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
    expect(older(inStep, 110)).toEqual({
      missing: { from: minute(100), until: minute(110) },
      count: 15,
      known: minute(100),
    });
  });

  it('takes no more than a page however long the outage was', () => {
    expect(older(inStep, 5_000)?.count).toBe(MAX_PAGE);
  });

  it('heals the newest hole, with the overlap before it, when nothing else is missing', () => {
    const withHole = { ...inStep, newestHole: { from: minute(40), until: minute(52) } };
    expect(older(withHole, 100 - OVERLAP)).toEqual({ missing: withHole.newestHole, count: 17, known: minute(39) });
  });

  it('leaves its oldest slots open when it stops short, and opens what lies between again', () => {
    const page = { missing: { from: minute(0), until: minute(300) }, count: 2, known: minute(0) };
    expect(readOlderPage([candleAt(290), candleAt(288)], page, MINUTE)).toEqual({
      settled: { from: minute(288 + OVERLAP), until: minute(300) },
      unsettled: { from: minute(1), until: minute(288 + OVERLAP) },
    });
    expect(readOlderPage([candleAt(299), candleAt(0)], page, MINUTE)).toEqual({
      settled: { from: minute(0), until: minute(300) },
      unsettled: undefined,
    });
  });

  it('fetches a page of history at the first start, unless the exchange has no more', () => {
    expect(older(empty, 100)?.count).toBe(MAX_PAGE);
    expect(older(empty, 100, false)).toBeUndefined();
  });
});
