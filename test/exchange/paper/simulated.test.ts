import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { decimalText } from '../../../exchange/numbers/scaled.ts';
import { minutePath } from '../../../exchange/paper/feed/minute-path.ts';
import { SIMULATED_ORIGIN, simulatedSource } from '../../../exchange/paper/feed/simulated-source.ts';
import { isOnTick } from '../../../strategy/tick-size.ts';
import { get, startForTest } from './paper.ts';

const MARKETS = ['KRW-BTC', 'KRW-ETH', 'KRW-XRP', 'KRW-SOL', 'KRW-DOGE'].map(parseMarket);
const MINUTES = 3_000;

function candlesOf(code: string, seed: number, from = 0) {
  const source = simulatedSource(parseMarket(code), seed);
  return Array.from({ length: MINUTES }, (_, minute) => source.at(SIMULATED_ORIGIN + (from + minute) * 60_000));
}

test.each(MARKETS)('%s is on the tick grid and every minute makes sense', (market) => {
  for (const candle of candlesOf(market, 7)) {
    if (candle === undefined) continue;
    const { open, high, low, close, volume } = candle;
    for (const price of [open, high, low, close]) expect(isOnTick(decimalText(price, 8))).toBe(true);
    expect(low > 0n && low <= open && low <= close && open <= high && close <= high && volume > 0n).toBe(true);
  }
});

test('about three minutes in a hundred have no trade', () => {
  const idle = candlesOf('KRW-BTC', 7).filter((candle) => candle === undefined).length;

  expect(idle / MINUTES).toBeGreaterThan(0.02);
  expect(idle / MINUTES).toBeLessThan(0.04);
});

test('the same seed gives the same candles in whatever order they are asked for; another seed others', () => {
  const forward = candlesOf('KRW-BTC', 7);
  const source = simulatedSource(parseMarket('KRW-BTC'), 7);

  const backward = forward.map((_, index) => source.at(SIMULATED_ORIGIN + (MINUTES - 1 - index) * 60_000)).reverse();

  expect(backward).toEqual(forward);
  expect(candlesOf('KRW-BTC', 8)).not.toEqual(forward);
});

test('prices start plausibly and stay so for years', () => {
  const twoYears = 2 * 365 * 24 * 60;
  for (const candle of [...candlesOf('KRW-BTC', 7), ...candlesOf('KRW-BTC', 7, twoYears)]) {
    if (candle === undefined) continue;
    expect(candle.low > 130_000_000n * 10n ** 8n && candle.high < 170_000_000n * 10n ** 8n).toBe(true);
  }
});

test('the path of a minute visits its corners, stays inside, and ends complete', () => {
  for (const candle of candlesOf('KRW-ETH', 7).slice(0, 300)) {
    if (candle === undefined) continue;
    const path = minutePath(candle);
    const prices = path.map(({ price }) => price);
    const [last] = path.slice(-1);

    expect(prices[0]).toBe(candle.open);
    expect(prices).toContain(candle.high);
    expect(prices).toContain(candle.low);
    expect(prices.every((price) => price >= candle.low && price <= candle.high)).toBe(true);
    expect(last).toEqual({
      at: candle.start + 58_500,
      price: candle.close,
      volume: candle.volume,
      value: candle.value,
    });
    const [lowAt, highAt] = [prices.indexOf(candle.low), prices.indexOf(candle.high)];
    if (candle.close > candle.open) expect(lowAt).toBeLessThan(highAt);
  }
});

test('a fresh simulation starts with at least 200 closed candles of every market', async () => {
  const { url } = await startForTest({ feed: 'simulated', markets: MARKETS, replayFiles: [] });

  for (const market of MARKETS) {
    expect((await get(`${url}/v1/candles/minutes/1?market=${market}&count=200`)).json).toHaveLength(200);
  }
});
