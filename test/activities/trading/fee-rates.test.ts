import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createFeeRates } from '../../../activities/trading/fee-rates.ts';
import { parseMarket } from '../../../config/market.ts';
import { ExchangeUnavailable } from '../../../exchange/errors.ts';
import type { OrderTerms } from '../../../exchange/port.ts';

const BTC = parseMarket('KRW-BTC');
const TERMS: OrderTerms = {
  ...{ bidFeeRate: '0.0005', askFeeRate: '0.0004' },
  ...{ minimumBidKrw: '5000', minimumAskKrw: '5000', maximumKrw: '1000000000' },
};
const DOWN = new ExchangeUnavailable('GET /v1/orders/chance failed: connect ECONNREFUSED');
const TEN_MINUTES = 600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(setting?: string) {
  const exchange = { says: TERMS as OrderTerms | Error, asked: 0 };
  const said: string[] = [];
  const fees = createFeeRates(
    {
      async fetchOrderTerms() {
        exchange.asked += 1;
        if (exchange.says instanceof Error) throw exchange.says;
        return exchange.says;
      },
    },
    { setting, say: (line) => said.push(line) },
  );
  onTestFinished(() => fees.close());
  return { fees, said, exchange };
}

it.each([
  { setting: undefined, told: '0.0005', sizing: '0.0005' },
  { setting: undefined, told: '0', sizing: '0' },
  { setting: '0.0005', told: '0.0005', sizing: '0.0005' },
  { setting: '0.001', told: '0.0005', sizing: '0.001' },
  { setting: '0.0004', told: '0.0005', sizing: '0.0005' },
  { setting: '0', told: '0.0005', sizing: '0.0005' },
])(
  'FEE_RATE $setting and $told at the exchange: purchases leave room for $sizing',
  async ({ setting, told, sizing }) => {
    const { fees, exchange } = open(setting);
    exchange.says = { ...TERMS, bidFeeRate: told };

    await fees.watch([BTC]);

    expect(fees.of(BTC)).toEqual({ bid: told, ask: '0.0004', sizing });
  },
);

it('a FEE_RATE that is too low is said once', async () => {
  const { fees, said } = open('0.0004');
  await fees.watch([BTC]);
  await vi.advanceTimersByTimeAsync(3 * TEN_MINUTES);

  expect(said).toEqual([
    'FEE_RATE=0.0004 is below the 0.0005 that the exchange takes in KRW-BTC; that is used instead',
  ]);
});

it('the exchange is asked again every ten minutes, and not for a decision', async () => {
  const { fees, exchange } = open();
  await fees.watch([BTC]);
  for (let n = 0; n < 100; n += 1) fees.of(BTC);
  expect(exchange.asked).toBe(1);

  exchange.says = { ...TERMS, bidFeeRate: '0.0002' };
  await vi.advanceTimersByTimeAsync(TEN_MINUTES);

  expect(exchange.asked).toBe(2);
  expect(fees.of(BTC).bid).toBe('0.0002');
});

it.each([
  { setting: undefined, used: '0.0005' },
  { setting: '0.001', used: '0.001' },
])(
  'while the exchange has said nothing, $used holds with FEE_RATE $setting, and that is said once',
  async ({ setting, used }) => {
    const { fees, said, exchange } = open(setting);
    exchange.says = DOWN;
    await fees.watch([BTC]);
    await vi.advanceTimersByTimeAsync(2 * TEN_MINUTES);

    expect(fees.of(BTC)).toEqual({ bid: used, ask: used, sizing: used });
    expect(said).toEqual([
      `the exchange does not tell the fees of KRW-BTC; until it does ${used} and ${used} are used (${DOWN.message})`,
    ]);
  },
);

it('what the exchange said last holds while it cannot be asked; each time it falls silent is said', async () => {
  const { fees, said, exchange } = open();
  await fees.watch([BTC]);
  for (const silent of [true, false, true]) {
    exchange.says = silent ? DOWN : { ...TERMS, bidFeeRate: '0.0003' };
    await vi.advanceTimersByTimeAsync(TEN_MINUTES);
  }

  expect(fees.of(BTC)).toEqual({ bid: '0.0003', ask: '0.0004', sizing: '0.0003' });
  expect(said).toHaveLength(2);
  expect(said[1]).toContain('until it does 0.0003 and 0.0004 are used');
});

it('a market nobody named is asked about from the first decision on', async () => {
  const { fees, exchange } = open();
  exchange.says = { ...TERMS, bidFeeRate: '0.0001' };

  expect(fees.of(BTC).bid).toBe('0.0005');
  await vi.advanceTimersByTimeAsync(0);

  expect(fees.of(BTC).bid).toBe('0.0001');
  expect(exchange.asked).toBe(1);
});
