import { expect, test } from 'vitest';
import { kindsOf, NO_CONNECTION, planStrikes } from './crash-points.ts';
import { STEPS } from './steps.ts';
import { nameOfAct } from './strike.ts';

const words = (seed: number): string[] => planStrikes(seed).map(({ step, act }) => `${nameOfAct(act)}: ${step.name}`);

test('every step meets the death of every part', () => {
  const planned = new Set(words(1));

  for (const { name } of STEPS) {
    for (const part of ['trader', 'postgres', 'temporal', 'exchange']) {
      expect(planned).toContain(`kill ${part}: ${name}`);
    }
  }
});

test('halts come first, while no order that was given up keeps them from being proven', () => {
  const isHalt = words(1).map((line) => line.startsWith('durabit halt: '));

  expect(isHalt.lastIndexOf(true)).toBe(isHalt.filter(Boolean).length - 1);
  expect(isHalt.filter(Boolean).length).toBeGreaterThan(10);
});

test('every commit loses its answer once', () => {
  const commits = STEPS.filter(({ commits }) => commits).map(({ name }) => `lose the answer of the commit: ${name}`);

  expect(
    words(1)
      .filter((line) => line.startsWith('lose'))
      .sort(),
  ).toEqual(commits.sort());
});

test('the seed decides the order, and nothing else', () => {
  expect(words(7)).toEqual(words(7));
  expect(words(8)).not.toEqual(words(7));
  expect(words(8).sort()).toEqual(words(7).sort());
});

test('what a plan is to inject is known before it begins', () => {
  const kinds = kindsOf(planStrikes(1));

  expect(kinds).toEqual(
    expect.arrayContaining(['kill trader', 'durabit halt', 'operator: reset', 'exchange, at a step: accept-late']),
  );
  expect(kinds).toContain(NO_CONNECTION);
  expect(new Set(kinds).size).toBe(kinds.length);
});
