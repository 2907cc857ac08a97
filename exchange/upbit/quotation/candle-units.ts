import type { CandleUnit } from '../../quotation-port.ts';

/** Where Upbit has the candles of each length, and what it tells of them besides. */
type UpbitUnit =
  | { readonly path: string; readonly kind: 'seconds' | 'days' | 'periods' }
  | { readonly path: string; readonly kind: 'minutes'; readonly minutes: number };

const minutes = (count: number): UpbitUnit => ({ path: `minutes/${count}`, kind: 'minutes', minutes: count });

export const UPBIT_UNITS: Readonly<Record<CandleUnit, UpbitUnit>> = {
  '1s': { path: 'seconds', kind: 'seconds' },
  '1m': minutes(1),
  '3m': minutes(3),
  '5m': minutes(5),
  '10m': minutes(10),
  '15m': minutes(15),
  '30m': minutes(30),
  '60m': minutes(60),
  '240m': minutes(240),
  '1d': { path: 'days', kind: 'days' },
  '1w': { path: 'weeks', kind: 'periods' },
  '1M': { path: 'months', kind: 'periods' },
  '1y': { path: 'years', kind: 'periods' },
};
