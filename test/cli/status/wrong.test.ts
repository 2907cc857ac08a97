import { describe, expect, it, test } from 'vitest';
import { createProgram } from '../../../cli/program.ts';
import type { StatusFacts } from '../../../cli/status/facts.ts';
import { findRemarks, findWrong } from '../../../cli/status/wrong.ts';
import {
  aBot,
  aCandleSummary,
  aDecision,
  ago,
  anOpenOrder,
  aPart,
  aSchedule,
  aStatus,
  CLOCK,
  marketAgo,
  NOTHING_YET,
  NOW,
  SCHEDULES,
} from './facts.ts';

function said(facts: StatusFacts): string[] {
  return findWrong(facts).map(({ about, problem }) => `${about}: ${problem}`);
}

const difference = (cause: StatusFacts['differences'][number]['cause']): StatusFacts['differences'][number] => ({
  ...{ id: '1', account: 'paper-3f9a01c2', currency: 'KRW', amount: '-5000', cause, exchange_order_id: null },
  ...{ detail: 'the exchange holds less and nothing explains it', market_time: marketAgo(3), at: NOW },
});
const foreignOrder: StatusFacts['foreign_orders'][number] = {
  ...{ account: 'paper-3f9a01c2', exchange_order_id: 'x', identifier: null, market: 'KRW-BTC', side: 'bid' },
  ...{ state: 'done', executed_quantity: '1', executed_funds: '5000', paid_fee: '2.5', first_seen: NOW },
  ...{ classified_as: null, note: null, classified_at: null, booked_at: null },
};
const compared = (outside: Record<string, string>) => ({ compared_at: NOW, market_time: CLOCK, outside });
const blocked = (reason: string) => aStatus({ decisions: [aDecision({ action: 'blocked', reason })] });
const inTime = (live: number, stale: number) => aStatus({ decisions: [aDecision({ live, stale })] });
const paused = (live: number, stale: number, whilePaused: number) =>
  aStatus({
    decisions: [aDecision({ live, stale, stale_while_paused: whilePaused })],
    schedules: SCHEDULES.map((id) => aSchedule(id, { paused: id === 'trade-KRW-BTC' })),
  });
const REFUSAL = 'the ledger refuses it: fill 7 belongs to another order';

const stuck: StatusFacts['stuck_runs'][number] = {
  ...{ workflow_id: 'trade-KRW-BTC-2026-11-22T14:58:00Z', run_id: 'r', type: 'TradeWorkflow', message: 'why' },
  ...{ since: new Date(ago(120)), code_changed: true },
};

const cases: [what: string, facts: StatusFacts, wrong: string[]][] = [
  ['nothing is wrong', aStatus(), []],
  ['a bot that does not run', NOTHING_YET, ['durabit: not running on data directory data']],
  ['one being set up', { ...NOTHING_YET, instance: { ...aBot, state: 'setting-up' } }, ['durabit: still being set up']],
  ['one being stopped', { ...NOTHING_YET, instance: { ...aBot, state: 'stopping' } }, ['durabit: stopping']],
  [
    'a part that is down',
    aStatus({ parts: [aPart({ state: 'down', since: ago(3), recent_restarts: [ago(3)], last_end: 'exit code 1' })] }),
    ['trader: down for 3 s: exit code 1'],
  ],
  [
    'a part restarted three times within ten minutes',
    aStatus({ parts: [aPart({ recent_restarts: [ago(599), ago(300), ago(20)], last_end: 'exit code 1' })] }),
    ['trader: restarted 3 times in ten minutes, the last time after: exit code 1'],
  ],
  [
    'a part restarted twice, and once long ago',
    aStatus({ parts: [aPart({ recent_restarts: [ago(601), ago(300), ago(20)], last_end: 'exit code 1' })] }),
    [],
  ],
  [
    'a server that does not answer',
    aStatus({ faults: [{ about: 'exchange', problem: 'does not answer', cure: 'wait' }], market_time: null }),
    ['exchange: does not answer'],
  ],
  [
    'trading halted',
    aStatus({ trading: { state: 'halted', reason: 'holiday' } }),
    ['trading: halted, no order goes out: holiday'],
  ],
  [
    'trading reduced',
    aStatus({ trading: { state: 'reducing', reason: null } }),
    ['trading: reducing, only sales go out'],
  ],
  [
    'a ledger that owns what is not there',
    aStatus({ comparison: compared({ KRW: '250000', BTC: '-0.01' }) }),
    ['BTC: the ledger owns 0.01 more than the exchange holds'],
  ],
  [
    'an account that is not compared any more',
    aStatus({ comparison: { ...compared({}), compared_at: new Date(ago(601)) } }),
    ['account: ledger and exchange not compared for 10 min 1 s'],
  ],
  [
    'one that never was, an hour after the start',
    aStatus({ comparison: null }),
    ['account: ledger and exchange not compared for 1 h'],
  ],
  [
    'one that was long ago, just after the start',
    aStatus({ comparison: null, instance: { ...aBot, started_at: ago(60) } }),
    [],
  ],
  [
    'one that is not compared because reconciling is paused',
    aStatus({
      comparison: null,
      schedules: SCHEDULES.map((id) => aSchedule(id, { paused: id === 'reconcile' })),
    }),
    ['reconcile: paused'],
  ],
  [
    'an unexplained difference',
    aStatus({ differences: [difference('unknown')] }),
    ['KRW: -5,000 at 2025-03-01 12:02:30 KST: the exchange holds less and nothing explains it'],
  ],
  ['what the owner did by hand', aStatus({ differences: [difference('hand-trade'), difference('opening')] }), []],
  [
    'an unknown order',
    aStatus({ open_orders: [anOpenOrder({ status: 'unknown' })] }),
    ['KRW-BTC: order k3v9x0ab-KRW-BTC-ssf41o-entry is unknown: perhaps sent, not found; its money stays reserved'],
  ],
  [
    'an order that contradicts the ledger, told of once, with why',
    aStatus({
      open_orders: [anOpenOrder({ refused: REFUSAL, deadline: marketAgo(11) })],
      lost_orders: [{ ...foreignOrder, identifier: anOpenOrder().identifier, note: REFUSAL }],
    }),
    [`KRW-BTC: order k3v9x0ab-KRW-BTC-ssf41o-entry is open and cannot be booked: ${REFUSAL}`],
  ],
  [
    'an unknown order that the exchange showed before the ledger had it',
    aStatus({ open_orders: [anOpenOrder({ status: 'unknown', seen_before: true })] }),
    [
      'KRW-BTC: order k3v9x0ab-KRW-BTC-ssf41o-entry is unknown: it was at the exchange before the ledger had it, ' +
        'and is not found there now; its money stays reserved',
    ],
  ],
  ...(['intended', 'sending', 'open'] as const).flatMap((status): typeof cases => [
    [
      `an order that is ${status} and that the exchange showed before the ledger had it`,
      aStatus({ open_orders: [anOpenOrder({ status, seen_before: true })] }),
      [],
    ],
    [
      `one that is ${status} long past its deadline`,
      aStatus({ open_orders: [anOpenOrder({ status, seen_before: true, deadline: marketAgo(11) })] }),
      [
        `KRW-BTC: order k3v9x0ab-KRW-BTC-ssf41o-entry is still ${status}, 11 min of market time after its deadline; ` +
          'it was at the exchange before the ledger had it',
      ],
    ],
  ]),
  [
    'an order under the bot’s id that the ledger lacks',
    aStatus({ lost_orders: [{ ...foreignOrder, identifier: 'k3v9x0ab-x', note: 'the ledger has no such order' }] }),
    ['KRW-BTC: order k3v9x0ab-x must not be: the ledger has no such order'],
  ],
  [
    'runs that cannot take their next step',
    aStatus({ stuck_runs: [stuck, { ...stuck, workflow_id: 'reconcile-x', since: null, code_changed: false }] }),
    [
      'trade-KRW-BTC-2026-11-22T14:58:00Z: stuck for 2 min: its code was changed while it ran',
      'reconcile-x: stuck: it tries the same step again and again',
    ],
  ],
  ['an order that is open', aStatus({ open_orders: [anOpenOrder()] }), []],
  [
    'an order long past its deadline',
    aStatus({ open_orders: [anOpenOrder({ deadline: marketAgo(11) })] }),
    ['KRW-BTC: order k3v9x0ab-KRW-BTC-ssf41o-entry is still open, 11 min of market time after its deadline'],
  ],
  [
    'a blocked decision',
    blocked('gap: not every minute of the window has been collected'),
    ['KRW-BTC: its last decision is blocked: gap: not every minute of the window has been collected'],
  ],
  ['5 % stale', inTime(57, 3), []],
  ['2 of 10 stale', inTime(8, 2), []],
  [
    'more than 5 % stale',
    inTime(56, 4),
    ["KRW-BTC: 4 of the last hour's 60 candles (6.7 %) were not decided on in time"],
  ],
  ['candles a pause left undecided', paused(48, 12, 12), ['trade-KRW-BTC: paused']],
  ['nothing but a pause for an hour', paused(0, 60, 60), ['trade-KRW-BTC: paused']],
  [
    'a pause, and too many stale ones before it',
    paused(40, 20, 10),
    ["KRW-BTC: 10 of the last hour's 50 candles (20.0 %) were not decided on in time", 'trade-KRW-BTC: paused'],
  ],
  [
    'candles that nobody decides about',
    aStatus({ decisions: [aDecision({ candle: marketAgo(15) })] }),
    ['KRW-BTC: no decision for 13 min 30 s of market time'],
  ],
  [
    'the same with trading paused',
    aStatus({
      decisions: [aDecision({ candle: marketAgo(15) })],
      schedules: SCHEDULES.map((id) => aSchedule(id, { paused: id === 'trade-KRW-BTC' })),
    }),
    ['trade-KRW-BTC: paused'],
  ],
  [
    'nothing decided a while after the start',
    aStatus({ decisions: [aDecision({ candle: null, action: null, reason: null, live: 0 })] }),
    ['KRW-BTC: nothing decided yet although candles are there'],
  ],
  [
    'nothing decided yet at the start',
    aStatus({
      instance: { ...aBot, uptime_seconds: 20 },
      decisions: [aDecision({ candle: null, action: null, reason: null, live: 0 })],
    }),
    [],
  ],
  ['a gap', aStatus({ candles: [aCandleSummary({ missing: 1 })] }), ['KRW-BTC: 1 minute not collected yet']],
  [
    'collection that lags',
    aStatus({ candles: [aCandleSummary({ covered_until: marketAgo(12) })] }),
    ['KRW-BTC: not collected for 12 min of market time'],
  ],
  [
    'collection that lags less than a restart takes at this speed',
    aStatus({ candles: [aCandleSummary({ covered_until: marketAgo(9) })] }),
    [],
  ],
  [
    'the same lag in real time',
    aStatus({
      instance: { ...aBot, speed: 1, candle_interval_ms: 60_000 },
      candles: [aCandleSummary({ covered_until: marketAgo(9) })],
    }),
    ['KRW-BTC: not collected for 9 min of market time'],
  ],
  ['a market that is not collected', aStatus({ candles: [] }), ['KRW-BTC: nothing collected yet']],
  [
    'a paused schedule',
    aStatus({
      schedules: SCHEDULES.map((id) =>
        aSchedule(id, id === 'collect-KRW-BTC' ? { paused: true, note: 'maintenance' } : {}),
      ),
    }),
    ['collect-KRW-BTC: paused: maintenance'],
  ],
  [
    'a schedule that is gone',
    aStatus({ schedules: [aSchedule('collect-KRW-BTC'), aSchedule('reconcile')] }),
    ['trade-KRW-BTC: there is no such schedule', 'optimize-KRW-BTC: there is no such schedule'],
  ],
  [
    'a market whose newest search of weights failed',
    aStatus({ failed_searches: [{ market: 'KRW-BTC', failed_at: NOW }] }),
    [expect.stringMatching(/^optimize-KRW-BTC: the newest search of weights failed \(2026-11-2\d .*\)$/)],
  ],
  [
    'a failed search of a market that is not searched any more',
    aStatus({ failed_searches: [{ market: 'KRW-ETH', failed_at: NOW }] }),
    [],
  ],
  [
    'a bot of other processes with a task queue nobody serves',
    aStatus({
      instance: { ...aBot, supervised: false, pid: null, started_at: null, uptime_seconds: null },
      workers: [
        { queue: 'collector', workers: ['collector@7'], last_poll_at: NOW },
        { queue: 'trader', workers: [], last_poll_at: new Date(ago(200)) },
        { queue: 'optimizer', workers: [], last_poll_at: null },
      ],
    }),
    ['trader: no worker asks for its work, for 3 min 20 s now', 'optimizer: no worker asks for its work'],
  ],
  [
    'failed runs',
    aStatus({
      failed_runs: [
        { type: 'TradeWorkflow', market: 'KRW-BTC', count: 1 },
        { type: 'ReconcileWorkflow', market: null, count: 2 },
      ],
    }),
    [
      'KRW-BTC: 1 run of TradeWorkflow failed in the last ten minutes',
      'ReconcileWorkflow: 2 runs failed in the last ten minutes',
    ],
  ],
];

describe('what is wrong', () => {
  it.each(cases)('with %s', (_what, facts, wrong) => {
    expect(said(facts)).toEqual(wrong);
  });

  it('never advises to give up an order that the exchange has shown', () => {
    const cures = (seenBefore: boolean) =>
      findWrong(aStatus({ open_orders: [anOpenOrder({ status: 'unknown', seen_before: seenBefore })] }));
    expect(cures(false)[0]?.cure).toContain('--as not-sent');
    expect(cures(true)[0]?.cure).not.toContain('--as not-sent');
  });

  it('always comes with what to do about it', () => {
    for (const [what, facts] of cases) for (const { cure } of findWrong(facts)) expect(cure, what).toMatch(/\w{3}/);
  });

  it('is never cured by a command that does not exist', () => {
    const known = new Set(createProgram().commands.map((command) => command.name()));
    for (const [what, facts] of cases) {
      for (const { cure } of findWrong(facts)) {
        for (const [, name = ''] of cure.matchAll(/npx durabit ([a-z-]+)/g)) expect([...known], what).toContain(name);
      }
    }
  });

  it.each([
    ['gap: not every minute of the window has been collected', /candles --gaps/],
    ['2 closed candles are fewer than 3', /as soon as enough candles/],
    ['score 0.4500 ≥ threshold 0.2000: buy; order k3v9x0ab-KRW-BTC-ssf41o-entry is still unknown', /durabit orders/],
  ])('a decision blocked by "%s" is cured accordingly', (reason, cure) => {
    expect(findWrong(blocked(reason))[0]?.cure).toMatch(cure);
  });

  it('resumes a paused schedule of one market by the words that do it', () => {
    const facts = aStatus({ schedules: [aSchedule('collect-KRW-BTC', { paused: true })] });
    expect(findWrong(facts)[0]?.cure).toContain('npx durabit resume collect --market KRW-BTC');
  });

  it('of a bot that only collects says nothing about trading', () => {
    const instance = { ...aBot, account: null, mode: 'collecting' as const };
    const facts = { account: null, positions: [], decisions: [], schedules: [aSchedule('collect-KRW-BTC')] };
    expect(said(aStatus({ instance, ...facts }))).toEqual([]);
  });

  it('about decisions is left out when the bot does not run: nobody decides then', () => {
    const facts = aStatus({ instance: null, parts: [], decisions: [aDecision({ action: 'blocked', stale: 30 })] });
    expect(said(facts)).toEqual(['durabit: not running on data directory data']);
  });
});

test('remarks tell what the owner did on the account, which needs nobody', () => {
  const facts = aStatus({
    differences: [difference('hand-trade'), difference('opening'), difference('unknown')],
    foreign_orders: [foreignOrder],
  });
  expect(findRemarks(facts).map(({ about, problem }) => `${about}: ${problem}`)).toEqual([
    'KRW: -5,000 at 2025-03-01 12:02:30 KST: the exchange holds less and nothing explains it',
    "account: 1 order since yesterday that is not the bot's; npx durabit foreign lists and classifies them",
  ]);
  expect(findRemarks(aStatus())).toEqual([]);
});

const again = (status: string, changes: Partial<StatusFacts['open_orders'][number]> = {}) =>
  aStatus({ open_orders: [anOpenOrder({ status, seen_before: true, ...changes })] });
const SEEN_BEFORE = 'it was at the exchange before the ledger had it';

test.each([
  [
    'intended',
    again('intended'),
    [`is intended again: ${SEEN_BEFORE}; it may go out under the same name, which the exchange takes once`],
  ],
  [
    'sending',
    again('sending'),
    [`is sending again: ${SEEN_BEFORE}; perhaps it went out under the same name, which the exchange takes once`],
  ],
  ['open', again('open'), [`is open again: ${SEEN_BEFORE}; what it did there is being booked`]],
  ['unknown, which is wrong', again('unknown'), []],
  ['overdue, which is wrong', again('open', { deadline: marketAgo(11) }), []],
  ['refused, which is wrong', again('open', { refused: REFUSAL }), []],
  ['never seen before', again('open', { seen_before: false }), []],
  ['looked after by nobody, because no bot runs', { ...again('open'), instance: null }, []],
])('remarks tell of an order on its way again that is %s', (_what, facts, remarks) => {
  const order = 'order k3v9x0ab-KRW-BTC-ssf41o-entry';
  expect(findRemarks(facts).map(({ problem }) => problem)).toEqual(remarks.map((remark) => `${order} ${remark}`));
});
