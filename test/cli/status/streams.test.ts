import { describe, expect, it } from 'vitest';
import type { StatusFacts } from '../../../cli/status/facts.ts';
import { statusText } from '../../../cli/status/status-text.ts';
import { findWrong } from '../../../cli/status/wrong.ts';
import { ago, aStatus } from './facts.ts';

type Report = StatusFacts['streams'][number];

function aReport(changes: Partial<Report> = {}): Report {
  return {
    ...{ stream: 'prices', state: 'connected', since: new Date(ago(7_380)), reason: null, gaps_healed: 2 },
    ...{ last_news_at: new Date(ago(1)), reported_at: new Date(ago(3)), stale: false },
    ...changes,
  };
}
const cutFor = (seconds: number): Report =>
  aReport({ stream: 'orders', state: 'cut', since: new Date(ago(seconds)), reason: 'the line broke' });
const ended = aReport({ stream: 'orders', state: 'ended', reason: 'no such key' });
const stale = { stale: true, reported_at: new Date(ago(200)) };

const shown = (streams: readonly Report[]) =>
  statusText(aStatus({ streams }), { wrong: [], remarks: [] }, { columns: 100, colours: false });

describe('the screen', () => {
  it('says of each stream since when it stands so, what it told last, and what was healed', () => {
    const orders = aReport({ stream: 'orders', last_news_at: null, gaps_healed: 0 });
    expect(shown([aReport(), orders])).toContain(
      [
        '',
        'STREAM  STATE                    LAST NEWS  GAPS HEALED',
        'prices  connected for 2 h 3 min  1 s ago              2',
        'orders  connected for 2 h 3 min  none yet             0',
        '',
      ].join('\n'),
    );
  });

  it('says why one is cut', () => {
    expect(shown([cutFor(12)])).toMatch(/^orders {2}cut for 12 s {2}1 s ago {14}2 {2}the line broke$/m);
  });

  it('says that nothing is known of one that nobody reports of any more', () => {
    expect(shown([aReport(stale)])).toMatch(/^prices {2}no report for 3 min 20 s, then connected {2}1 s ago/m);
  });

  it('says nothing of streams where there are none', () => {
    expect(shown([])).not.toContain('STREAM');
  });

  it('takes what was told while it was being read for told just now', () => {
    expect(shown([aReport({ last_news_at: new Date(ago(-2)) })])).toMatch(/ 0 s ago /);
  });
});

it.each([
  ['connected', aReport(), []],
  ['cut for ten minutes', cutFor(600), []],
  ['cut for longer', cutFor(601), ['stream of orders: cut for 10 min 1 s: the line broke']],
  [
    'connecting for longer',
    aReport({ state: 'connecting', since: new Date(ago(601)) }),
    ['stream of prices: connecting for 10 min 1 s'],
  ],
  ['ended', ended, ['stream of orders: ended, and not tried again: no such key']],
  ['ended, as far as was ever known', { ...ended, ...stale }, []],
] as const)('a stream that is %s is wrong or not', (_what, report, wrong) => {
  const found = findWrong(aStatus({ streams: [report] }));
  expect(found.map(({ about, problem }) => `${about}: ${problem}`)).toEqual(wrong);
  for (const { cure } of found) expect(cure).toMatch(/^nothing is missed: /);
});
