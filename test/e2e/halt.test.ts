import { beforeAll, expect, it } from 'vitest';
import { haltInAStorm } from '../chaos/halt-storm.ts';
import { temporalAddress } from '../support/temporal.ts';

beforeAll(() => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
});

it('after durabit halt has returned no create reaches the exchange, whatever is killed around it', {
  timeout: 240_000,
}, async () => {
  const lines: string[] = [];
  const { halts, creates, ledgerEqualsExchange } = await haltInAStorm({
    halts: 3,
    seed: 1,
    // Two seconds a candle: while other tests keep the machine busy, most are still decided in time.
    speed: 30,
    say: (line) => lines.push(line),
  });

  const story = lines.join('\n');
  expect(
    halts.flatMap(({ afterReturn }) => afterReturn),
    story,
  ).toEqual([]);
  expect(
    halts.map(({ halted }) => halted),
    story,
  ).toEqual(halts.map(() => true));
  expect(
    halts.some(({ proven }) => proven),
    story,
  ).toBe(true);
  expect(creates, story).toBeGreaterThanOrEqual(3);
  expect(ledgerEqualsExchange).toBe(true);
});
