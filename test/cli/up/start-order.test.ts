import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nextBackOff } from '../../../cli/up/back-off.ts';
import { layersOf, startInOrder } from '../../../cli/up/step-graph.ts';

const nodes = [
  { name: 'worker', dependsOn: ['migrate', 'temporal'] },
  { name: 'migrate', dependsOn: ['postgres'] },
  { name: 'postgres', dependsOn: [] },
  { name: 'temporal', dependsOn: [] },
];

test('a step starts when what it depends on has started, and not later', async () => {
  const events: string[] = [];
  const migrated = Promise.withResolvers<void>();

  await startInOrder(nodes, async ({ name }) => {
    events.push(`+${name}`);
    if (name === 'temporal') await migrated.promise;
    else await pause(1);
    events.push(`-${name}`);
    if (name === 'migrate') migrated.resolve();
  });

  expect(events).toEqual([
    '+postgres',
    '+temporal',
    '-postgres',
    '+migrate',
    '-migrate',
    '-temporal',
    '+worker',
    '-worker',
  ]);
});

test('after a fault nothing new is started', async () => {
  const started: string[] = [];

  const starting = startInOrder(nodes, async ({ name }) => {
    started.push(name);
    if (name === 'temporal') throw new Error('no server');
    await pause(20);
  });

  await expect(starting).rejects.toThrow('no server');
  await pause(60);
  expect(started).toEqual(['postgres', 'temporal']);
});

test('layers put every step behind what it depends on', () => {
  expect(layersOf(nodes).map((layer) => layer.map(({ name }) => name))).toEqual([
    ['postgres', 'temporal'],
    ['migrate'],
    ['worker'],
  ]);
});

test.each([
  ['unknown', [{ name: 'a', dependsOn: ['b'] }], 'step a depends on b, which does not exist'],
  [
    'circle',
    [
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
    ],
    'steps depend on each other in a circle',
  ],
  [
    'twins',
    [
      { name: 'a', dependsOn: [] },
      { name: 'a', dependsOn: [] },
    ],
    'two steps have the same name',
  ],
])('a plan that cannot work is refused: %s', (_, wrong, message) => {
  expect(() => layersOf(wrong)).toThrow(message);
});

test('back-off doubles from 250 ms to 10 s and begins again after 30 s of health', () => {
  const waits = [0];
  for (let death = 0; death < 8; death++) waits.push(nextBackOff(waits.at(-1) ?? 0, 100));

  expect(waits.slice(1)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  expect(nextBackOff(10_000, 30_000)).toBe(250);
});
