import { describe, expect, it } from 'vitest';
import type { StatusFacts } from '../../../cli/status/facts.ts';
import { statusText } from '../../../cli/status/status-text.ts';
import { findRemarks, findWrong } from '../../../cli/status/wrong.ts';
import { ago, aStatus } from './facts.ts';

type Refusal = StatusFacts['key_refusals'][number];

function aRefusal(changes: Partial<Refusal> = {}): Refusal {
  return {
    ...{ account: 'paper-3f9a01c2', scope: 'every call', reason: 'no_authorization_ip' },
    ...{
      meaning: "this machine's address is not allowed; add it",
      since: new Date(ago(750)),
      last_at: new Date(ago(3)),
    },
    ...{ refusals: 34, call: 'createOrder', identifier: 'k3v9x0ab-KRW-BTC-ssf41o-entry' },
    ...changes,
  };
}
const wrong = (...refusals: Refusal[]) => findWrong(aStatus({ key_refusals: refusals }));

describe('a key that the exchange refuses', () => {
  it('is wrong, with since when, why, the remedy, and what does not happen meanwhile', () => {
    expect(wrong(aRefusal())).toEqual([
      {
        about: 'key',
        problem:
          'refused for every call by the exchange (for 12 min 30 s, 34 in a row, the last 3 s ago: createOrder of ' +
          "k3v9x0ab-KRW-BTC-ssf41o-entry): no_authorization_ip: this machine's address is not allowed; add it",
        cure:
          'mend that (npx durabit doctor looks at the key); until then nothing can be sent; orders that were on their ' +
          'way are looked up once the key is accepted again',
      },
    ]);
  });

  it('stands above what comes of it on the screen', () => {
    const facts = aStatus({ key_refusals: [aRefusal()], trading: { state: 'halted', reason: 'key' } });
    const screen = statusText(
      facts,
      { wrong: findWrong(facts), remarks: findRemarks(facts) },
      { columns: 100, colours: false },
    );
    expect(screen).toMatch(/^WRONG\n {2}key: refused for every call by the exchange/m);
    expect(screen.indexOf('key: refused')).toBeLessThan(screen.indexOf('trading: halted'));
  });

  it('says only what is known where the exchange gave no words and no order was named', () => {
    const [found] = wrong(aRefusal({ reason: 'odd', meaning: '', identifier: null, call: 'fetchBalances' }));
    expect(found?.problem).toMatch(/the last 3 s ago: fetchBalances\): odd$/);
  });

  it.each([
    ['balances', /until then nothing can be bought/],
    ['look-ups', /until then orders that were on their way are looked up once/],
    ['orders', /until then no order can be sent or cancelled/],
  ] as const)('for %s, stops only what needs that', (scope, cure) => {
    expect(wrong(aRefusal({ scope }))[0]?.cure).toMatch(cure);
  });

  it('is nothing where it is accepted', () => {
    expect(wrong()).toEqual([]);
  });
});
