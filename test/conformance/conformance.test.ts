import { expect, test } from 'vitest';
import { agree, type Suite } from './case.ts';
import { conformance } from './conformance.ts';
import { gapOf } from './coverage.ts';
import { reportOf, rowOf, summaryOf } from './report.ts';
import { openStage } from './stage.ts';
import { SUITES } from './suites.ts';

test('our client and the paper exchange agree on everything there is', { timeout: 180_000 }, async () => {
  const findings = await conformance(SUITES, (finding) => {
    if (finding.outcome === 'not looked at') console.info(`not run: ${finding.what} (${finding.reason})`);
  });

  expect(findings.filter(({ outcome }) => outcome === 'does not')).toEqual([]);
});

test('what no case drives, and a case that fails, make the whole fail and are named', async () => {
  const suite: Suite = {
    area: 'some',
    open: () => openStage({ book: 'levels' }),
    cases: [
      agree('markets', async ({ quotation }) => void (await quotation.listMarkets())),
      {
        ...agree('an error that is not met', async () => {
          throw new Error('it was not refused');
        }),
        meets: ['jwt_verification'],
      },
      { ...agree('an error that is met', async () => undefined), meets: ['nonce_used'] },
      { what: 'what is not here', run: async () => ({ absent: 'it is elsewhere' }) },
    ],
  };

  const findings = await conformance([suite], () => {});

  expect(findings.slice(0, 4).map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['conforms', undefined],
    ['does not', 'it was not refused'],
    ['conforms', undefined],
    ['not looked at', 'it is elsewhere'],
  ]);
  const [endpoints, errors] = findings.slice(4);
  expect([endpoints?.outcome, errors?.outcome]).toEqual(['does not', 'does not']);
  expect(endpoints?.reason).toContain('POST /v1/orders/cancel_and_new');
  expect(endpoints?.reason).not.toContain('GET /v1/market/all');
  expect(errors?.reason).toMatch(/\bjwt_verification\b/);
  expect(errors?.reason).not.toMatch(/\bnonce_used\b/);
});

test('what a stranger calls is not driven by our client', async () => {
  const called = async (isStranger: boolean) => {
    const stage = await openStage({ book: 'endless' });
    await stage.quotation.listMarkets();
    if (isStranger) expect(await stage.stranger('/v1/ticker?markets=KRW-BTC', 1)).toEqual([200]);
    const endpoints = await stage.endpointsCalled();
    await stage.close();
    return endpoints;
  };

  expect(await called(false)).toEqual(['GET /v1/market/all']);
  expect(await called(true)).toEqual([]);
});

test('nothing is left out where all of it was driven', () => {
  expect(gapOf(['a', 'b'], new Set(['b', 'a', 'c']))).toBeUndefined();
  expect(gapOf(['a', 'b', 'c'], new Set(['b']))).toBe('no case drives a, c');
});

test('the report ends with what failed and how many conform', () => {
  const report = reportOf([
    { area: 'orders', what: 'one', outcome: 'conforms' },
    { area: 'orders', what: 'two', outcome: 'does not', reason: '1\n2' },
    { area: 'bytes', what: 'three', outcome: 'not looked at', reason: 'not here' },
  ]);

  expect([report.conform, report.do_not, report.not_looked_at]).toEqual([1, 1, 1]);
  expect(summaryOf(report).split('\n').slice(-3)).toEqual([
    expect.stringMatching(/^ +2$/),
    '1 not looked at',
    '1 conform, 1 do not',
  ]);
  expect(rowOf(report.findings[0] ?? { area: '', what: '', outcome: 'conforms' })).toMatch(/^✓ orders +one$/);
});
