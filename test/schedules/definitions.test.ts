import { ScheduleOverlapPolicy } from '@temporalio/client';
import { expect, it } from 'vitest';
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
