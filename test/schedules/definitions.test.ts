import { ScheduleOverlapPolicy } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { scheduleDefinitions } from '../../schedules/definitions.ts';
import { marketAttribute } from '../../workflows/search-attributes.ts';

const BTC = parseMarket('KRW-BTC');
const market = [{ key: marketAttribute, value: BTC }];

it.each([
  [60_000, 60_000],
  [1_000, 10_000],
])(
  'one run a candle of %i ms, none beside another, missed ones for %i ms, found by market',
  (intervalMs, catchupWindow) => {
    expect(scheduleDefinitions({ markets: [BTC], timeframe: '1m', intervalMs })).toMatchObject([
      {
        scheduleId: 'collect-KRW-BTC',
        spec: { intervals: [{ every: intervalMs }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
        action: {
          workflowType: 'CollectWorkflow',
          workflowId: 'collect-KRW-BTC',
          taskQueue: 'collector',
          args: [{ market: BTC, timeframe: '1m', intervalMs }],
          typedSearchAttributes: market,
        },
        typedSearchAttributes: market,
      },
    ]);
  },
);

describe('with an account to trade', () => {
  const specsAt = (intervalMs: number) =>
    Object.fromEntries(
      scheduleDefinitions({ markets: [BTC], timeframe: '1m', intervalMs, account: 'paper-1' }).map((schedule) => [
        schedule.scheduleId,
        schedule.spec,
      ]),
    );

  it('runs about a candle start a second before its close where the interval leaves room, reconcile half-way', () => {
    expect(specsAt(60_000)).toEqual({
      'collect-KRW-BTC': { intervals: [{ every: 60_000, offset: 59_000 }] },
      'trade-KRW-BTC': { intervals: [{ every: 60_000, offset: 59_000 }] },
      'optimize-KRW-BTC': { calendars: [{ hour: 0, minute: 5 }], timezone: 'Asia/Seoul' },
      reconcile: { intervals: [{ every: 60_000, offset: 30_000 }] },
    });
  });

  it('a tick that finds a run still going is skipped, a missed one of trading is never caught up late', () => {
    const schedules = scheduleDefinitions({ markets: [BTC], timeframe: '1m', intervalMs: 60_000, account: 'paper-1' });
    const policies = Object.fromEntries(schedules.map(({ scheduleId, policies }) => [scheduleId, policies]));
    const { SKIP: overlap } = ScheduleOverlapPolicy;
    expect(policies['trade-KRW-BTC']).toEqual({ overlap, catchupWindow: 10_000 });
    expect(policies.reconcile).toEqual({ overlap, catchupWindow: 60_000 });
  });

  it('runs are found by market, and what a killed worker has in hand waits three seconds', () => {
    const schedules = scheduleDefinitions({ markets: [BTC], timeframe: '1m', intervalMs: 60_000, account: 'paper-1' });
    for (const { scheduleId, action } of schedules) {
      expect(action).toMatchObject({ workflowTaskTimeout: 3_000 });
      if (scheduleId !== 'reconcile') expect(action).toMatchObject({ typedSearchAttributes: market });
    }
  });

  it('runs start at the close where candles take a second: schedules know whole seconds only', () => {
    expect(specsAt(1_000)).toEqual({
      'collect-KRW-BTC': { intervals: [{ every: 1_000 }] },
      'trade-KRW-BTC': { intervals: [{ every: 1_000 }] },
      'optimize-KRW-BTC': { intervals: [{ every: 1_440_000, offset: 0 }] },
      reconcile: { intervals: [{ every: 1_000, offset: 0 }] },
    });
  });

  it.each([
    [60_000, 6 * 3_600_000],
    [5_000, 1_800_000],
    [1_000, 360_000],
  ])(
    'weights are searched one run at a time, made up for within six hours of market time (%i ms)',
    (intervalMs, ms) => {
      const inputs = { markets: [BTC], timeframe: '1m', intervalMs, account: 'paper-1' } as const;
      expect(scheduleDefinitions(inputs).find(({ scheduleId }) => scheduleId === 'optimize-KRW-BTC')).toMatchObject({
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: ms },
        action: {
          workflowType: 'OptimizeWorkflow',
          taskQueue: 'optimizer',
          args: [{ account: 'paper-1', market: BTC, timeframe: '1m', intervalMs }],
          typedSearchAttributes: market,
        },
        typedSearchAttributes: market,
      });
    },
  );

  it('an accelerated run searches a market day apart, from the instant it is told, in whole seconds', () => {
    const optimizeAt = Date.parse('2026-11-22T10:03:20.750Z');
    const inputs = { markets: [BTC], timeframe: '1m', intervalMs: 1_000, account: 'paper-1', optimizeAt } as const;
    const { spec } = scheduleDefinitions(inputs).find(({ scheduleId }) => scheduleId === 'optimize-KRW-BTC') ?? {};
    const { every, offset } = spec?.intervals?.[0] ?? {};
    expect(every).toBe(1_440_000);
    expect((Date.parse('2026-11-22T10:03:20Z') - Number(offset)) % 1_440_000).toBe(0);
  });
});
