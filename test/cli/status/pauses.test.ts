import { expect, it } from 'vitest';
import { pausedSince } from '../../../cli/status/pauses.ts';
import { aSchedule, NOW } from './facts.ts';

const EARLIER = new Date(NOW.getTime() - 60_000);

it.each([
  ['one that runs', { last_run_at: NOW }, []],
  ['a paused one', { paused: true, last_run_at: NOW }, [['KRW-BTC', NOW]]],
  ['one paused before its first run', { paused: true, last_run_at: null }, [['KRW-BTC', null]]],
  [
    'one that was triggered before it was paused',
    { paused: true, last_run_at: NOW, last_triggered_at: EARLIER },
    [['KRW-BTC', NOW]],
  ],
  [
    'one that was triggered while paused: when the pause began is not known any more',
    { paused: true, last_run_at: NOW, last_triggered_at: new Date(NOW) },
    [['KRW-BTC', null]],
  ],
])('since when trading is paused: %s', (_what, changes, expected) => {
  const others = [aSchedule('collect-KRW-BTC', { paused: true }), aSchedule('reconcile', { paused: true })];
  expect([...pausedSince([...others, aSchedule('trade-KRW-BTC', changes)])]).toEqual(expected);
});
