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
      reconcile: { intervals: [{ every: 60_000, offset: 30_000 }] },
    });
  });

  it('runs start at the close where candles take a second: schedules know whole seconds only', () => {
    expect(specsAt(1_000)).toEqual({
      'collect-KRW-BTC': { intervals: [{ every: 1_000 }] },
      'trade-KRW-BTC': { intervals: [{ every: 1_000 }] },
      reconcile: { intervals: [{ every: 1_000, offset: 0 }] },
    });
  });
});
