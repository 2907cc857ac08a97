import { describe, expect, it } from 'vitest';
import type { AuditResult } from '../../../cli/audit/findings.ts';
import { type Evidence, judge } from '../../../cli/demo/verdict.ts';

const audit: AuditResult = {
  account: 'paper-test',
  ledger_equals_exchange: true,
  ...{
    orders_by_totals: 0,
    orders_at_exchange: 3,
    orders_in_ledger: 3,
    duplicates: 0,
    lost: 0,
    fills_at_exchange: 4,
    fills_in_ledger: 4,
  },
  ...{ outside: {}, findings: [], in_flight: [] },
};
const good: Evidence = {
  audit,
  summary: { candles: { new: 60, missing: 0 }, ledger_equals_exchange: true },
  acceptedIdentifiers: ['a', 'b', 'c'],
};

describe('the verdict of the crash demo', () => {
  it('is kept when everything is there once, and says so in its last two lines', () => {
    const { kept, lines } = judge(good);

    expect(kept).toBe(true);
    expect(lines.slice(-2)).toEqual([
      'candles closed 60, candles missing 0',
      'orders at the exchange 3, in the ledger 3, duplicates 0, lost 0',
    ]);
    expect(lines.join()).not.toContain('WRONG');
  });

  const finding = { check: 'cash', detail: 'KRW-BTC owns 1 KRW too much' } as const;
  it.each<[what: string, change: Partial<Evidence>, line: string]>([
    ['an order is lost', { audit: { ...audit, lost: 1 } }, 'lost 1'],
    ['an order is there twice', { audit: { ...audit, duplicates: 1 } }, 'duplicates 1'],
    ['the ledger lacks an order', { audit: { ...audit, orders_in_ledger: 2 } }, 'in the ledger 2'],
    [
      'money differs',
      { audit: { ...audit, ledger_equals_exchange: false, findings: [finding] } },
      'WRONG  cash: KRW-BTC owns 1 KRW too much',
    ],
    [
      'a candle is missing',
      { summary: { candles: { new: 60, missing: 1 }, ledger_equals_exchange: true } },
      'missing 1',
    ],
    [
      'the bot’s own audit at its end says otherwise',
      { summary: { candles: { new: 60, missing: 0 }, ledger_equals_exchange: false } },
      'WRONG  when it ended the bot itself found its ledger wrong',
    ],
    ['the bot says nothing at its end', { summary: undefined }, 'WRONG  the bot ended without a summary'],
    ['the exchange’s file holds more', { acceptedIdentifiers: ['a', 'b', 'c', 'd'] }, 'holds 4 orders, it shows 3'],
    ['the exchange’s file holds one twice', { acceptedIdentifiers: ['a', 'b', 'b'] }, 'duplicates 1'],
    [
      'nothing was traded',
      { audit: { ...audit, orders_at_exchange: 0, orders_in_ledger: 0 }, acceptedIdentifiers: [] },
      'WRONG  no order reached the exchange',
    ],
  ])('is not kept when %s', (_what, change, line) => {
    const { kept, lines } = judge({ ...good, ...change });

    expect(kept).toBe(false);
    expect(lines.join('\n')).toContain(line);
  });
});
