import { expect, test } from 'vitest';
import { temporalFlags } from '../../../cli/up/temporal-flags.ts';

test('the embedded server keeps its state on disk, and hands out tasks and timers at once', () => {
  const flags = temporalFlags({ database: '/data/temporal.db', port: 7233, uiPort: 8233 });
  const valuesOf = (flag: string) => flags.filter((_, index) => flags[index - 1] === flag);

  expect(valuesOf('--db-filename')).toEqual(['/data/temporal.db']);
  expect(valuesOf('--sqlite-pragma')).toEqual(['journal_mode=WAL', 'synchronous=NORMAL']);
  expect(valuesOf('--dynamic-config-value').sort()).toEqual([
    'history.timerProcessorMaxPollRPS=2000',
    'history.timerProcessorMaxTimeShift="10ms"',
    'history.transferProcessorMaxPollRPS=2000',
    'system.enableActivityEagerExecution=true',
  ]);
  expect(valuesOf('--search-attribute')).toEqual(['Market=Keyword', 'CandleTime=Datetime', 'Outcome=Keyword']);
  expect([valuesOf('--ip'), valuesOf('--ui-ip')]).toEqual([['127.0.0.1'], ['127.0.0.1']]);
  expect(flags).toContain('--disable-config-env');
});
