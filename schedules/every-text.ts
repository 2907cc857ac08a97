import type { CalendarSpecDescription, ScheduleSpecDescription } from '@temporalio/client';

/** How often a schedule starts a run: `60 s`, `daily 00:05 KST`; `by calendar` where somebody gave it another calendar. */
export function everyText(spec: Pick<ScheduleSpecDescription, 'intervals' | 'calendars' | 'timezone'>): string {
  const every = spec.intervals?.[0]?.every;
  if (every !== undefined) return `${Number(every) / 1_000} s`;
  const time = spec.calendars?.length === 1 ? dailyTime(spec.calendars[0]) : undefined;
  const zone = spec.timezone === 'Asia/Seoul' ? 'KST' : (spec.timezone ?? 'UTC');
  return time === undefined ? 'by calendar' : `daily ${time} ${zone}`;
}

/** `00:05` of a calendar that means this minute of every day. */
function dailyTime(calendar: CalendarSpecDescription | undefined): string | undefined {
  if (calendar === undefined) return undefined;
  const { hour, minute, second, dayOfMonth, month, year, dayOfWeek } = calendar;
  const everyDay =
    year.length === 0 &&
    [dayOfMonth, month, dayOfWeek].map(rangeText).join() === '1-31,JANUARY-DECEMBER,SUNDAY-SATURDAY';
  const [hours, minutes, seconds] = [hour, minute, second].map(rangeText);
  const once = [hours, minutes].every((text) => text !== undefined && /^\d+$/.test(text)) && seconds === '0';
  return everyDay && once ? `${hours?.padStart(2, '0')}:${minutes?.padStart(2, '0')}` : undefined;
}

/** `5`, or `1-31`; undefined for anything that is not one range without steps. */
function rangeText(ranges: readonly { start: number | string; end: number | string; step: number }[]) {
  const [range] = ranges;
  if (range === undefined || ranges.length > 1 || range.step > 1) return undefined;
  return range.start === range.end ? String(range.start) : `${range.start}-${range.end}`;
}
