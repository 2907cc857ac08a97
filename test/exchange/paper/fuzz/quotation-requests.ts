import { ODD_QUERIES, TEXTS } from './nonsense.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';
import { type FuzzRequest, messageOf } from './request.ts';

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

const QUOTATIONS: readonly (readonly [path: string, parameters: readonly (readonly [string, readonly string[]])[]])[] =
  [
    ['/v1/market/all', [['is_details', ['true', 'false']]]],
    ...['seconds', 'minutes/1', 'minutes/60', 'minutes/240', 'days', 'weeks', 'months', 'years'].map(
      (length) =>
        [
          `/v1/candles/${length}`,
          [
            ['market', ['KRW-BTC']],
            ['count', ['1', '3', '200', '500']],
            ['to', ['2025-01-01T03:00:00Z', '2025-01-01 02:00:00', '2025-01-01T12:00:00+09:00']],
          ],
        ] as const,
    ),
    ['/v1/ticker', [['markets', ['KRW-BTC']]]],
    ['/v1/ticker/all', [['quote_currencies', ['KRW', 'KRW,BTC']]]],
    ['/v1/orderbook/instruments', [['markets', ['KRW-BTC']]]],
    [
      '/v1/trades/ticks',
      [
        ['market', ['KRW-BTC']],
        ['count', ['1', '50']],
        ['to', ['03:00:00', '020000']],
        ['days_ago', ['1', '7']],
        ['cursor', ['17357024595000000']],
      ],
    ],
  ];

export function goodQuotation({ random }: Place): FuzzRequest {
  const [path, [first, ...others]] = random.pick(QUOTATIONS) as (typeof QUOTATIONS)[number];
  const chosen = [first, ...others.filter(() => random.chance(0.4))].filter((one) => one !== undefined);
  const query = chosen.map(([name, values]) => `${name}=${encoded(random.pick(values))}`).join('&');
  const method = random.chance(0.05) ? 'HEAD' : 'GET';
  return { what: 'a right quotation', method, bytes: messageOf(method, `${path}?${query}`, []), statuses: [200] };
}

export function wrongQuotation({ random }: Place): FuzzRequest {
  const [path, parameters] = random.pick(QUOTATIONS);
  const target = `${path}?${wrongQuery(random, parameters)}`;
  return {
    what: 'a wrong quotation',
    method: 'GET',
    bytes: messageOf('GET', target, []),
    statuses: [200, 400, 404, 431],
  };
}

/** Known parameters, of which some have values from nowhere; or no parameters at all. */
export function wrongQuery(random: Random, parameters: readonly (readonly [string, readonly string[]])[]): string {
  if (random.chance(0.15)) return random.pick(ODD_QUERIES);
  return parameters
    .flatMap(([name, values]) => (random.chance(0.5) ? [[name, values] as const] : []))
    .concat(random.chance(0.2) ? [['page', ['1']] as const] : [])
    .map(([name, values]) => `${name}=${encoded(random.pick(random.chance(0.6) ? TEXTS : values))}`)
    .join('&');
}
