import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { candlesSchema, orderSchema, parseLosslessJson } from '../../../exchange/upbit/wire.ts';
import { decimalText } from '../../../exchange/upbit/wire-fields.ts';

const candle = {
  market: 'KRW-XRP',
  candle_date_time_utc: '2025-03-01T00:01:00',
  candle_date_time_kst: '2025-03-01T09:01:00',
  opening_price: 3870,
  high_price: 3872,
  low_price: 3868,
  trade_price: 3871,
  timestamp: 1_740_787_319_000,
  candle_acc_trade_price: 5_000_000.12345,
  candle_acc_trade_volume: 1_300.5,
  unit: 1,
};

/** The text of one candle with a figure spelled exactly as given. */
function withFigure(field: keyof typeof candle, digits: string): unknown {
  return parseLosslessJson(JSON.stringify([{ ...candle, [field]: '#' }]).replace('"#"', digits));
}

it.each(['1e100', '1e999999999', '-3E+1000', '1e-999999999'])('no number is as big or small as %s', (digits) => {
  expect(decimalText.safeParse(digits).success).toBe(false);
  expect(candlesSchema.safeParse(withFigure('trade_price', digits)).success).toBe(false);
});

describe('a candle from the wire', () => {
  it('opens at its UTC time', () => {
    const [parsed] = candlesSchema.parse(parseLosslessJson(JSON.stringify([candle])));
    expect(parsed?.ts).toBe(Date.parse('2025-03-01T00:01:00Z'));
  });

  it.each([
    ['47108000.00000000', '47108000', 'trailing zeros'],
    ['0.30000000000000004', '0.3', 'binary noise is rounded to 8 decimals'],
    ['1.2e-7', '0.00000012', 'an exponent'],
    ['0.00003137', '0.00003137', 'the finest tick survives'],
  ])('has the price %s as %s: %s', (digits, stored) => {
    const [parsed] = candlesSchema.parse(withFigure('trade_price', digits));
    expect(parsed?.close).toBe(stored);
  });

  it.each([
    ['trade_price', 'null'],
    ['trade_price', '-1'],
    ['high_price', '"many"'],
    ['candle_date_time_utc', '"yesterday"'],
  ] as const)('is refused when %s is %s', (field, digits) => {
    expect(candlesSchema.safeParse(withFigure(field, digits)).success).toBe(false);
  });
});

describe('numbers from the wire', () => {
  it('keep every digit, beyond what a double holds', () => {
    expect(parseLosslessJson('{"sequential_id":17103275719220001,"balance":0.12345678901234567890}')).toEqual({
      sequential_id: '17103275719220001',
      balance: '0.12345678901234567890',
    });
  });
});

describe('an order from the wire', () => {
  const order = {
    uuid: 'u-1',
    market: 'KRW-BTC',
    side: 'bid',
    ord_type: 'price',
    price: '10000',
    state: 'cancel',
    created_at: '2025-03-01T09:00:00.123456+09:00',
    executed_volume: '0.00018964',
    paid_fee: '4.9998586',
    trades: [
      {
        uuid: 't-1',
        price: '52730000.0',
        volume: '0.00018964',
        funds: '9999.7172',
        created_at: '2025-03-01T09:00:00+09:00',
      },
    ],
  };

  it('tolerates absent and unknown fields, and reads Korean time', () => {
    const parsed = orderSchema.parse({ ...order, application_name: 'new field' });
    expect(parsed).toMatchObject({ identifier: undefined, volume: undefined, executedVolume: '0.00018964' });
    expect(parsed.fills[0]).toMatchObject({ price: '52730000', executedAt: Date.parse('2025-03-01T00:00:00Z') });
  });

  it('is refused without what decides about money', () => {
    const { executed_volume: _, ...incomplete } = order;
    expect(orderSchema.safeParse(incomplete).success).toBe(false);
  });
});

const samples = '../shared/upbit-samples';
const haveSamples = existsSync(samples);
if (!haveSamples) console.info(`not run: real responses of the exchange (${samples} is not on this machine)`);

describe.runIf(haveSamples)('real responses of the exchange', () => {
  const read = (name: string) => parseLosslessJson(readFileSync(`${samples}/${name}`, 'utf8'));

  it('parse: candles', () => {
    expect(candlesSchema.parse(read('candles-minutes-1.json')).length).toBeGreaterThan(100);
  });

  it('parse: orders', () => {
    expect(orderSchema.array().parse((read('orders.json') as unknown[]).flat()).length).toBeGreaterThan(15);
  });
});
