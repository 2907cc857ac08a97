import { expect, test } from 'vitest';
import { keepCondition } from '../../../cli/up/part-condition.ts';

function keeper() {
  let seconds = 0;
  const told: string[] = [];
  const kept = keepCondition(
    'trader',
    () => told.push(kept.current().state),
    () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)),
  );
  const at = (second: number) => {
    seconds = second;
    return kept;
  };
  return { at, told };
}
const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

test('a part that was killed and is back tells when, how often and why', () => {
  const { at, told } = keeper();
  at(1).enter('starting');
  at(2).enter('up');
  at(30).restart('killed by SIGKILL');
  expect(at(31).current()).toMatchObject({ state: 'down', since: time(30), restarts: 1 });

  at(33).enter('up');

  expect(at(40).current()).toEqual({
    ...{ name: 'trader', state: 'up', since: time(33), restarts: 1 },
    ...{ recentRestarts: [time(30)], lastEnd: 'killed by SIGKILL' },
  });
  expect(told).toEqual(['starting', 'up', 'down', 'up']);
});

test('while its restarts fail it is down since the first end', () => {
  const { at } = keeper();
  at(1).enter('up');
  at(5).restart('exit code 1\n  cannot find my configuration');
  at(9).restart('not ready within 60 s');

  expect(at(9).current()).toMatchObject({
    ...{ state: 'down', since: time(5), restarts: 2 },
    ...{ recentRestarts: [time(5), time(9)], lastEnd: 'not ready within 60 s' },
  });
});

test('its last lines stay in the log, and only the newest restarts are kept', () => {
  const { at } = keeper();
  for (let second = 1; second <= 7; second += 1) at(second).restart('exit code 1\n  a line of its own');

  const { restarts, recentRestarts, lastEnd } = at(8).current();
  expect({ restarts, lastEnd }).toEqual({ restarts: 7, lastEnd: 'exit code 1' });
  expect(recentRestarts).toEqual([3, 4, 5, 6, 7].map(time));
});

test('entering the state it is in changes nothing and tells nobody', () => {
  const { at, told } = keeper();
  at(1).enter('up');
  at(9).enter('up');

  expect(at(9).current().since).toBe(time(1));
  expect(told).toEqual(['up']);
});
