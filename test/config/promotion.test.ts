import { expect, it } from 'vitest';
import { holdsPaperMoney, promotionRule } from '../../config/promotion.ts';

const UPBIT = 'https://api.upbit.com';
const LOCAL = 'http://127.0.0.1:8787';

it.each([
  [{}, 'in-sample'],
  [{ TRADING_MODE: 'paper' }, 'in-sample'],
  [{ PROMOTION: 'off' }, 'off'],
  [{ UPBIT_BASE_URL: LOCAL, TRADING_MODE: 'paper' }, 'off'],
  [{ UPBIT_BASE_URL: UPBIT }, 'off'],
  [{ UPBIT_BASE_URL: UPBIT, TRADING_MODE: 'live' }, 'off'],
  [{ UPBIT_BASE_URL: LOCAL, TRADING_MODE: 'paper', PROMOTION: 'in-sample' }, 'in-sample'],
] as const)('with %o the rule is %s', (settings, rule) => {
  expect(promotionRule(settings)).toBe(rule);
});

it.each(['live', 'shadow'] as const)('in sample is refused for %s', (TRADING_MODE) => {
  expect(() => promotionRule({ PROMOTION: 'in-sample', TRADING_MODE, UPBIT_BASE_URL: UPBIT })).toThrow(
    `PROMOTION=in-sample with TRADING_MODE=${TRADING_MODE}`,
  );
});

it('paper money is told by the account’s name', () => {
  expect(['paper-3f9a01c2', 'live-3f9a01c2', 'shadow-3f9a01c2'].map(holdsPaperMoney)).toEqual([true, false, false]);
});
