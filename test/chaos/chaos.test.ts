import { expect, test } from 'vitest';
import { NOTHING_WRONG } from './judge.ts';
import { type PhaseResult, runBrokenBuild, runCrashPoints } from './phases.ts';
import { failuresOf } from './report.ts';
import { STEPS } from './steps.ts';
import type { Act } from './strike.ts';

/** The few of `npm run chaos` that every change has to pass: each part dies once, where it hurts most. */
const FIXED: readonly (readonly [step: string, act: Act])[] = [
  ['sending committed', { kind: 'kill', parts: ['trader'] }],
  ['request arrived, not answered', { kind: 'kill', parts: ['trader'] }],
  ['acceptance written, not committed', { kind: 'kill', parts: ['postgres'] }],
  ['answer lost', { kind: 'kill', parts: ['exchange'] }],
  ['decision and order committed', { kind: 'wipe-temporal' }],
  ['fills and end committed', { kind: 'lose-answer' }],
  ['sending written, not committed', { kind: 'halt' }],
  ['fills seen, not booked', { kind: 'kill', parts: ['trader', 'postgres'] }],
];

const stop = new AbortController().signal;
const said: string[] = [];
const say = (line: string): void => {
  said.push(line);
};

test('orders go exactly once whatever dies in the middle of them', { timeout: 420_000 }, async () => {
  const plan = FIXED.map(([name, act]) => {
    const step = STEPS.find((one) => one.name === name);
    if (step === undefined) throw new Error(`there is no step "${name}"`);
    return { step, act };
  });

  const result = await runCrashPoints({ seed: 1, say, stop }, plan);

  expect(result.judgement, said.join('\n')).toEqual(NOTHING_WRONG);
  expect({ ...result, recoveries: [] }).toMatchObject({ spared: [], neverRecovered: [], candlesMissing: 0 });
  expect(result.injected).toHaveLength(FIXED.length);
});

test('a build that records an order after sending it is found out', { timeout: 240_000 }, async () => {
  const result: PhaseResult = await runBrokenBuild({ seed: 1, say, stop, broken: 'record-after-post' });

  expect(result.judgement.lost_orders, said.join('\n')).not.toEqual([]);
  expect(failuresOf({ seed: 1, phases: [result], broken: new Map() })).toContain('orders did not go exactly once');
});
