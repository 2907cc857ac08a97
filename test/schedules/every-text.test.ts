import { decodeScheduleSpec, encodeScheduleSpec } from '@temporalio/client/lib/schedule-helpers.js';
import { expect, it } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { scheduleDefinitions } from '../../schedules/definitions.ts';
import { everyText } from '../../schedules/every-text.ts';

const shown = (spec: Parameters<typeof encodeScheduleSpec>[0]) =>
  everyText(decodeScheduleSpec(encodeScheduleSpec(spec)));

it.each([
  [60_000, ['60 s', '60 s', 'daily 00:05 KST', '60 s']],
  [1_000, ['1 s', '1 s', '1440 s', '1 s']],
])('of our own schedules with a candle each %i ms it says how often they run', (intervalMs, texts) => {
  const inputs = { markets: [parseMarket('KRW-BTC')], timeframe: '1m', intervalMs, account: 'paper-1' } as const;
  expect(scheduleDefinitions(inputs).map(({ spec }) => shown(spec))).toEqual(texts);
});

it.each([
  [{ hour: 13, minute: 30 }, 'Europe/Berlin', 'daily 13:30 Europe/Berlin'],
  [{ hour: 13, minute: 30 }, undefined, 'daily 13:30 UTC'],
  [{ hour: [1, 13], minute: 30 }, undefined, 'by calendar'],
  [{ hour: 1, minute: 30, second: 5 }, undefined, 'by calendar'],
  [{ hour: 1, dayOfWeek: 'MONDAY' }, undefined, 'by calendar'],
  [{ hour: 1, dayOfMonth: 1 }, undefined, 'by calendar'],
  [{ hour: 1, year: 2030 }, undefined, 'by calendar'],
] as const)('a calendar of somebody else, %j, is called by its time or a calendar', (calendar, timezone, text) => {
  expect(shown({ calendars: [calendar as never], ...(timezone && { timezone }) })).toBe(text);
});
