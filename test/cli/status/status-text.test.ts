import { describe, expect, it, test } from 'vitest';
import { wallTime } from '../../../cli/output.ts';
import type { StatusFacts, WeightsFacts } from '../../../cli/status/facts.ts';
import { coins, price, signedShare, signedWon, won } from '../../../cli/status/figures.ts';
import { statusText } from '../../../cli/status/status-text.ts';
import { findRemarks, findWrong } from '../../../cli/status/wrong.ts';
import { DEFAULT_ENSEMBLE, ensembleText } from '../../../strategy/ensemble.ts';
import {
  aBot,
  aCandleSummary,
  aDecision,
  ago,
  anOpenOrder,
  aPart,
  aPosition,
  aStatus,
  NOTHING_YET,
  someWeights,
} from './facts.ts';

function screen(facts: StatusFacts, columns = 100, colours = false): string {
  return statusText(facts, { wrong: findWrong(facts), remarks: findRemarks(facts) }, { columns, colours });
}
const lines = (facts: StatusFacts, columns?: number) => screen(facts, columns).split('\n');

const MARKETS = ['KRW-BTC', 'KRW-ETH', 'KRW-XRP'];
const holding = {
  ...{ cash: '9990026.5', free_cash: '6897.5', reserved_cash: '9983129', quantity: '0.06675377' },
  ...{ free_quantity: '0.06675377', average_cost: '149405685.43459944', value: '9968407.1', equity: '19958433.6' },
  ...{ unrealised_profit: '-4984.4', realised_profit: '-6655.8', put_in: '20000000' },
};
const bought = aDecision({ action: 'buy', reason: 'score 0.3500 ≥ threshold 0.2000: buy' });

const FULL_WEIGHTS: Partial<WeightsFacts> = {
  ...{ optimizer_result: '1000', chosen_by: 'handed-back', since: new Date(ago(9)), reason: 'handed back' },
  weights: ensembleText(DEFAULT_ENSEMBLE).weights,
};
const CALM = { parts: aStatus().parts, decisions: MARKETS.map((market) => ({ ...bought, market })) };

/** As much as there can be on a bad day. */
function everythingAtOnce(markets: readonly string[]): StatusFacts {
  const calm = aStatus({
    positions: markets.map((market) => aPosition({ ...holding, market })),
    weights: markets.map((market, n) => ({ ...someWeights(FULL_WEIGHTS), market, optimizer_result: `${n}` })),
    decisions: markets.map((market) => ({ ...bought, market, live: 50, stale: 10 })),
    open_orders: markets.map((market) => anOpenOrder({ market })),
    candles: markets.map((market) => aCandleSummary({ market, missing: 5 })),
  });
  return {
    ...calm,
    instance: { ...aBot, markets },
    schedules: null,
    parts: calm.parts.map((part) => ({ ...part, restarts: 1, recent_restarts: [ago(9)], last_end: 'exit code 1' })),
  };
}

describe('the screen', () => {
  it('of a bot that holds coins and has an order open', () => {
    const facts = aStatus({ positions: [aPosition(holding)], decisions: [bought], open_orders: [anOpenOrder()] });
    // The reader's own time zone is another test's: here only its place counts.
    const text = screen(facts).replace(/since [\d -]+:\d\d:\d\d UTC\S*,/, 'since <WALL TIME>,');
    expect(text).toBe(
      `
durabit runs since <WALL TIME>, 1 h (pid 100)
PAPER MONEY: no real order is sent · account paper-3f9a01c2 · trading active
simulated prices, 1 s a candle (speed 60) · market time 2025-03-01 12:05:30 KST
Web UI http://127.0.0.1:8233/namespaces/durabit/workflows
exchange http://127.0.0.1:8787 · PostgreSQL 127.0.0.1:54329/durabit

PART       STATE  UPTIME  RESTARTS
postgres   up     1 h            0
temporal   up     1 h            0
exchange   up     1 h            0
collector  up     1 h            0
trader     up     1 h            0
optimizer  up     1 h            0

HOLDINGS  FREE KRW   RESERVED       COINS     AVG COST        PRICE      VALUE  UNREALISED  REALISED
KRW-BTC      6,898  9,983,129  0.06675377  149,405,685  149,373,000  9,968,407      -4,984    -6,656
worth 19,958,434 KRW, started with 20,000,000 KRW: -41,566 KRW (-0.21 %)

LAST DECISION  CANDLE KST   ACTION  IN TIME 1 H  WHY
KRW-BTC        03-01 12:04  buy     60 of 60     score 0.3500 ≥ threshold 0.2000: buy
weights of KRW-BTC: the default ones: trend 0.5, swing 0.25; threshold 0.2

OPEN ORDERS
  KRW-BTC open, 2 s old: buy 0.0667 at 149,597,000, 9,983,129 KRW reserved
orders today (2025-03-01 KST): 12 sent, 10 filled, 1 cancelled, 1 rejected; 14 fills
last fill: KRW-BTC sold 0.02227521 at 149,026,000 (fee 1,660 KRW), 2025-03-01 11:58:30 KST

CANDLES  STORED  NEWEST KST        SINCE KST         NO TRADE  MISSING  CORRECTED  LATE
KRW-BTC   1,234  2025-03-01 12:04  2025-02-28 15:00         8        0          0     0

WRONG nothing
`.trim(),
    );
  });

  it.each([
    ['one market, all well', aStatus(), 100, 40],
    ['three markets that trade', { ...everythingAtOnce(MARKETS), ...CALM }, 100, 51],
    ['one market on a bad day', everythingAtOnce(['KRW-BTC']), 100, 40],
    ['three markets on a bad day', everythingAtOnce(MARKETS), 100, 56],
    ['one market, all well, in a narrow terminal', aStatus(), 80, 40],
  ])('has room for %s', (_what, facts, columns, room) => {
    const shown = lines(facts, columns);
    expect(shown.length).toBeLessThanOrEqual(room);
    for (const line of shown) expect(line.length, line).toBeLessThanOrEqual(columns);
  });

  it('tells of a part that ended by itself when and how it did', () => {
    const parts = [
      aPart({ name: 'postgres' }),
      aPart({ restarts: 1, recent_restarts: [ago(125)], uptime_seconds: 121, last_end: 'killed by SIGKILL' }),
    ];
    expect(screen(aStatus({ parts }))).toContain(
      [
        'PART      STATE  UPTIME     RESTARTS  LAST END',
        'postgres  up     1 h               0',
        'trader    up     2 min 1 s         1  killed by SIGKILL, 2 min 5 s ago',
      ].join('\n'),
    );
  });

  it('counts apart what was not decided on because trading is paused', () => {
    const decisions = [aDecision({ live: 48, stale: 14, stale_while_paused: 12 })];
    expect(screen(aStatus({ decisions }))).toMatch(/^KRW-BTC .* 48 of 50, 12 while paused {2}score/m);
  });

  it('tells which weights decide, since when and by whose choice, once for markets that have the same', () => {
    const since = new Date(ago(60));
    const same = { since, optimizer_result: '7', reason: 'best in sample', chosen_by: 'in-sample' as const };
    const weights = [
      someWeights({ market: 'KRW-BTC', ...same, chosen_by: 'operator', optimizer_result: null }),
      someWeights({ market: 'KRW-ETH', ...same }),
      someWeights({ market: 'KRW-XRP', ...same }),
      someWeights({ market: 'KRW-SOL', ...same, chosen_by: 'handed-back' }),
    ];
    const when = `since ${wallTime(since)}`;
    expect(screen(aStatus({ weights }))).toContain(
      [
        '',
        `weights of KRW-BTC: the default ones, by hand, ${when}`,
        `weights of KRW-ETH, KRW-XRP: result 7, by the optimizer, ${when}`,
        `weights of KRW-SOL: result 7, by hand, left to the optimizer, ${when}`,
        '',
      ].join('\n'),
    );
    expect(screen(aStatus({ weights: weights.slice(1, 3) }), 200)).toContain(
      `weights of KRW-ETH, KRW-XRP: result 7, by the optimizer, ${when}: trend 0.5, swing 0.25; threshold 0.2\n`,
    );
  });

  it('before the first start says how to start', () => {
    expect(screen(NOTHING_YET)).toBe(
      [
        'durabit is not running',
        '',
        'WRONG',
        '  durabit: not running on data directory data',
        '    → start it with: npm start',
      ].join('\n'),
    );
  });

  it('before anything was traded says so and shows what is collected', () => {
    const facts = aStatus({ positions: [], decisions: [], last_fill: null });
    expect(screen(facts)).toContain('HOLDINGS nothing traded yet\n\nCANDLES  STORED');
    expect(screen(facts)).not.toContain('OPEN ORDERS');
  });

  it('before the first candle and the first decision holds cash alone', () => {
    const facts = aStatus({
      positions: [aPosition({ price: null })],
      decisions: [aDecision({ candle: null, action: null, reason: null, live: 0 })],
      ...{ last_fill: null, candles: [] },
    });
    const text = screen(facts);
    expect(text).toMatch(/^KRW-BTC +10,000,000 +0 +0 +0 +0 +0$/m);
    expect(text).toMatch(/^KRW-BTC +none yet {2}0 of 0$/m);
    expect(text).toContain('OPEN ORDERS none');
    expect(text).toContain('last fill: none yet');
    expect(text).toContain('CANDLES none collected yet');
  });

  it('says that coins without a price cannot be valued', () => {
    const unpriced = { price: null, value: null, equity: null, unrealised_profit: null, quantity: '2' };
    const text = screen(aStatus({ positions: [aPosition(unpriced)] }));
    expect(text).toContain('worth ? KRW, started with 10,000,000 KRW: ? KRW\n');
  });

  it('of a bot that only collects says that nothing is traded', () => {
    const text = screen(
      aStatus({
        instance: { ...aBot, account: null, mode: 'collecting', own_exchange: false, temporal_ui_url: null },
        ...{ account: null, trading: null, positions: [], decisions: [], schedules: [] },
      }),
    );
    expect(text).toContain('collects candles only, trades nothing\nprices of the exchange below');
    expect(text).toContain('Temporal 127.0.0.1:7233 (namespace durabit)');
    expect(text).toContain('HOLDINGS none: nothing is traded');
  });

  it.each([
    ['paper', 'PAPER MONEY: no real order is sent'],
    ['shadow', 'SHADOW MODE: real prices, no real order is sent'],
    ['live', 'REAL MONEY: orders go to the exchange'],
  ] as const)('says in %s mode whose money it is', (mode, words) => {
    expect(lines(aStatus({ instance: { ...aBot, mode } }))[1]).toMatch(new RegExp(`^${words}`));
  });

  it('of a stopped bot shows what is stored, the total of several markets included', () => {
    const positions = MARKETS.map((market) => aPosition({ ...holding, market }));
    const text = screen(aStatus({ instance: null, parts: [], market_time: null, positions }), 120);
    expect(text).toMatch(/^durabit is not running; this is what is stored in data\n\nHOLDINGS/);
    expect(text).toMatch(/^total +20,693 +29,949,387 +29,905,221 +-14,953 +-19,967$/m);
    expect(text).toContain('worth 59,875,301 KRW, started with 60,000,000 KRW: -124,699 KRW (-0.21 %)');
  });

  it('says of what could not be read nothing but that it could not', () => {
    const faults = [{ about: 'postgres', problem: 'cannot be reached', cure: 'wait' }];
    const text = screen({
      ...NOTHING_YET,
      instance: aBot,
      parts: [aPart({ name: 'postgres', state: 'down' })],
      faults,
    });
    expect(text).not.toMatch(/HOLDINGS|CANDLES|LAST DECISION/);
    expect(text).toContain('  postgres: cannot be reached\n    → wait');
  });

  it('says once what to do about several alike, and where to find more than fit', () => {
    const candles = Array.from({ length: 12 }, (_, n) => aCandleSummary({ market: `KRW-A${n}`, missing: 1 }));
    const shown = lines(aStatus({ candles: [aCandleSummary(), ...candles] }));
    expect(shown.filter((line) => line.includes('not collected yet'))).toHaveLength(10);
    expect(shown.filter((line) => line.includes('heal by themselves'))).toHaveLength(1);
    expect(shown.at(-1)).toBe('  and 2 more: npx durabit status --json');
  });

  it('is coloured only where the page is', () => {
    expect(screen(aStatus(), 100, true)).toContain('\u001b[32mWRONG nothing\u001b[0m');
    expect(screen(NOTHING_YET, 100, true)).toContain('\u001b[31mWRONG\u001b[0m\n');
    expect(screen(NOTHING_YET)).not.toContain('\u001b');
  });
});

test.each([
  ['9997614.58338827', '9,997,615', '+9,997,615'],
  ['-2385.41661173', '-2,385', '-2,385'],
  ['0', '0', '0'],
  ['-0.3', '0', '0'],
  ['0.3', '0', '0'],
  [null, '?', '?'],
])('%s KRW reads %s, with its sign %s', (krw, plain, signed) => {
  expect([won(krw), signedWon(krw)]).toEqual([plain, signed]);
});

test.each([
  ['149405685.43459944', '149,405,685'],
  ['5650836.5', '5,650,836.5'],
  ['3905.952123456', '3,905.9521'],
  ['0.01234567', '0.0123457'],
])('a price of %s reads %s', (krw, text) => {
  expect(price(krw)).toBe(text);
});

test.each([
  ['0.02225968', '0.02225968'],
  ['850.81149386', '850.81149'],
  ['0', '0'],
])('%s coins read %s', (quantity, text) => {
  expect(coins(quantity)).toBe(text);
});

test.each([
  ['0.001234', '+0.12 %'],
  ['-0.5', '-50.00 %'],
  ['-0.000001', '0.00 %'],
])('a return of %s reads %s', (fraction, text) => {
  expect(signedShare(fraction)).toBe(text);
});
