import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPace, MESSAGE_LIMITS } from '../../../../exchange/upbit/stream/pace.ts';

it('keeps both limits in every stretch of time, in order, and lets nobody wait longer than they ask', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 400 }), (pauses) => {
      let now = 1_000_000;
      const pace = createPace(MESSAGE_LIMITS, () => now);
      const turns: number[] = [];
      for (const pause of pauses) {
        now += pause;
        const turn = now + pace();
        const earliest = Math.max(now, turns.at(-1) ?? 0, (turns.at(-5) ?? 0) + 1_000, (turns.at(-100) ?? 0) + 60_000);
        expect(turn).toBe(earliest);
        turns.push(turn);
      }
    }),
    { numRuns: 50 },
  );
});
