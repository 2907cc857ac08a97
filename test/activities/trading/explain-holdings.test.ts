import { describe, expect, it } from 'vitest';
import { explainHoldings, outsideOf } from '../../../activities/trading/explain-holdings.ts';
import type { RecordedDifferences, UnrecordedEffect } from '../../../db/account-differences.ts';
import type { LedgerTotals, MarketTotals } from '../../../db/ledger-totals.ts';
import type { Balance } from '../../../exchange/port.ts';

const owned = (market: string, changes: Partial<MarketTotals> = {}): MarketTotals => ({
  ...{ market, cash: '0', quantity: '0', givenCash: '0', givenQuantity: '0' },
  ...changes,
});
const ledger = (changes: Partial<LedgerTotals> = {}): LedgerTotals => ({
  ...{ markets: [owned('KRW-BTC'), owned('KRW-ETH')], inFlight: [], unknown: [] },
  ...changes,
});
const balances = (held: Readonly<Record<string, string>>): readonly Balance[] =>
  Object.entries(held).map(([currency, free]) => ({ currency, free, locked: '0', averageBuyPrice: '0' }));
/** Everything was compared before, when the account held `sums`. */
const recorded = (
  sums: Readonly<Record<string, string>> = {},
  unrecorded: readonly UnrecordedEffect[] = [],
): RecordedDifferences => ({
  comparison: null,
  sums: new Map(Object.entries({ KRW: '0', BTC: '0', ETH: '0', ...sums })),
  unrecorded,
});
const effect = (changes: Partial<UnrecordedEffect>): UnrecordedEffect => ({
  ...{ exchangeOrderId: 'x1', identifier: null, market: 'KRW-BTC', side: 'bid', executedQuantity: '2' },
  ...{ inLedger: false, ownIdentifier: false, currency: 'KRW', amount: '-100' },
  ...changes,
});
const told = (differences: ReturnType<typeof explainHoldings>) =>
  differences.map(({ amount, currency, cause }) => `${amount} ${currency} ${cause}`);

describe('a change that no order explains', () => {
  it.each([
    [{ KRW: '50000' }, ['50000 KRW deposit-or-withdrawal'], '50000 KRW came and no order explains it: a deposit'],
    [{ KRW: '-70000' }, ['-70000 KRW deposit-or-withdrawal'], '70000 KRW went and no order explains it: a withdrawal'],
    [{ BTC: '0.12345678' }, ['0.12345678 BTC deposit-or-withdrawal'], 'a deposit'],
    [{ KRW: '1', BTC: '1' }, ['1 KRW deposit-or-withdrawal', '1 BTC deposit-or-withdrawal'], 'a deposit'],
    [{ KRW: '0.00000000000000000001' }, ['0.00000000000000000001 KRW unknown'], 'not whole won'],
    [{ KRW: '-1000', BTC: '0.5' }, ['-1000 KRW unknown', '0.5 BTC unknown'], 'as in a trade against BTC'],
    [{ BTC: '-1', ETH: '20' }, ['-1 BTC unknown', '20 ETH unknown'], 'as in a trade against ETH'],
  ])('%o is %o', (held, expected, detail) => {
    const found = explainHoldings(ledger(), balances(held), recorded());
    expect(told(found)).toEqual(expected);
    expect(found[0]?.detail).toContain(detail);
  });

  it('in a currency the bot does not trade is none', () => {
    expect(explainHoldings(ledger(), balances({ XRP: '100' }), recorded())).toEqual([]);
  });

  it('beside an order that may have been sent is laid at its door, in its two currencies only', () => {
    const unknown = [{ identifier: 'lost-1', market: 'KRW-BTC' }];
    const found = explainHoldings(ledger({ unknown }), balances({ BTC: '1', ETH: '1' }), recorded());
    expect(told(found)).toEqual(['1 BTC unknown', '1 ETH deposit-or-withdrawal']);
    expect(found[0]?.detail).toContain('perhaps by order lost-1');
  });
});

describe('no change', () => {
  it('is what trading and the owner’s own flows do: cash became coins, some of both was given', () => {
    const markets = [
      owned('KRW-BTC', { cash: '400.25', quantity: '0.7', givenCash: '1000', givenQuantity: '0.5' }),
      owned('KRW-ETH', { cash: '9', givenCash: '9' }),
    ];
    // Given 1,009 and 0.5; of that 599.75 was spent on 0.2 more. The owner has 5 and 1 beside it.
    const held = balances({ KRW: '414.25', BTC: '1.7', ETH: '0' });
    expect(explainHoldings(ledger({ markets }), held, recorded({ KRW: '1014', BTC: '1.5' }))).toEqual([]);
    expect(outsideOf(ledger({ markets }), held)).toEqual({ KRW: '5', BTC: '1', ETH: '0' });
  });

  it('is that coins are locked', () => {
    const locked = [{ currency: 'BTC', free: '1', locked: '2', averageBuyPrice: '0' }];
    expect(explainHoldings(ledger(), locked, recorded({ BTC: '3' }))).toEqual([]);
  });
});

describe('what an order moved', () => {
  it('explains a change whole, or leaves the rest of it', () => {
    const effects = [effect({}), effect({ currency: 'BTC', amount: '2' })];
    const explained = explainHoldings(ledger(), balances({ KRW: '-100', BTC: '2' }), recorded({}, effects));
    expect(told(explained)).toEqual(['-100 KRW hand-trade', '2 BTC hand-trade']);
    const rest = explainHoldings(ledger(), balances({ KRW: '400', BTC: '2' }), recorded({}, effects));
    expect(told(rest)).toEqual(['-100 KRW hand-trade', '2 BTC hand-trade', '500 KRW deposit-or-withdrawal']);
  });

  it.each([
    [{}, 'hand-trade', 'hand trade: order x1 bought 2 on KRW-BTC in all'],
    [{ identifier: 'mine', side: 'ask' }, 'hand-trade', 'hand trade: order x1 (mine) sold 2'],
    [{ identifier: 'testbot1-z', ownIdentifier: true }, 'order-not-in-ledger', 'lost: order x1 (testbot1-z)'],
    [{ identifier: 'testbot1-z', ownIdentifier: true, inLedger: true }, 'fill-not-booked', 'not booked: order x1'],
  ] as const)('%o is recorded as %s', (changes, cause, detail) => {
    const [found] = explainHoldings(ledger(), balances({ KRW: '-100' }), recorded({}, [effect(changes)]));
    expect(found).toMatchObject({ cause, exchangeOrderId: 'x1', detail: expect.stringContaining(detail) });
  });

  it('in a currency the bot does not trade is left out', () => {
    const effects = [effect({ market: 'KRW-XRP' }), effect({ market: 'KRW-XRP', currency: 'XRP', amount: '2' })];
    expect(told(explainHoldings(ledger(), balances({ KRW: '-100', XRP: '2' }), recorded({}, effects)))).toEqual([
      '-100 KRW hand-trade',
    ]);
  });
});

it('a currency seen for the first time is opened with what is there, also with nothing', () => {
  const markets = [owned('KRW-BTC', { cash: '100', givenCash: '100' })];
  const never: RecordedDifferences = { comparison: null, sums: new Map(), unrecorded: [] };
  const found = explainHoldings(ledger({ markets }), balances({ KRW: '150' }), never);
  expect(told(found)).toEqual(['150 KRW opening', '0 BTC opening']);
  expect(found[0]?.detail).toContain('100 of it was given to the bot');
});
