import { beforeAll, describe, expect, it } from 'vitest';
import { awaitCollected, summarizeRun } from '../../cli/up/run-summary.ts';
import { parseMarket } from '../../config/market.ts';
import { countCandlesNotStored } from '../../db/candle-comparison.ts';
import { upsertCandles } from '../../db/candles.ts';
import { candleAt, minute } from '../support/candles.ts';
import { useLedgerDatabase } from '../support/ledger.ts';
import { ScriptedExchange } from '../support/scripted-exchange.ts';

const BTC = parseMarket('KRW-BTC');
const { db } = await useLedgerDatabase();

beforeAll(async () => {
  const candles = [1, 2, 3, 5].map((n) => candleAt(n));
  await upsertCandles(db, BTC, '1m', { candles, settled: [{ from: minute(1), until: minute(6) }] });
});

const missing = (candles: Parameters<typeof countCandlesNotStored>[3]) => countCandlesNotStored(db, BTC, '1m', candles);

describe('candles that are not stored exactly so', () => {
  it('are none when every figure agrees', async () => {
    expect(await missing([1, 2, 3].map((n) => candleAt(n)))).toBe(0);
  });

  it('are those that are absent', async () => {
    expect(await missing([3, 4].map((n) => candleAt(n)))).toBe(1);
  });

  it.each(['open', 'high', 'low', 'close', 'volume', 'quoteVolume'] as const)(
    'are those with another %s',
    async (figure) => {
      expect(await missing([candleAt(2, { [figure]: '123' }), candleAt(3)])).toBe(1);
    },
  );
});

describe('the summary of a run', () => {
  const watched = (exchange: ScriptedExchange) => ({
    exchange,
    db,
    markets: [BTC],
    timeframe: '1m' as const,
    account: null,
  });

  it('counts what closed while it ran, by the exchange, and what of it the table lacks', async () => {
    const exchange = new ScriptedExchange();
    for (const n of [1, 2, 3, 4, 5, 6]) exchange.trade(n);
    exchange.clockSeconds = 6 * 60 + 30;

    // Minute 1 had closed before it began, minute 6 has not closed at its end; minute 4 is not in the table.
    expect(await summarizeRun(watched(exchange), minute(2), minute(6))).toEqual({ candles: { new: 4, missing: 1 } });
  });

  it('reads as many pages as the run was long', async () => {
    const exchange = new ScriptedExchange();
    for (let n = 0; n < 700; n += 1) exchange.trade(n);
    exchange.clockSeconds = 700 * 60;

    expect((await summarizeRun(watched(exchange), minute(100), minute(700))).candles.new).toBe(600);
  });

  it('waits until what has closed is collected, and not for ever', async () => {
    const exchange = new ScriptedExchange();
    const began = performance.now();
    await awaitCollected(watched(exchange), minute(6) + 1, 60_000);
    expect(performance.now() - began).toBeLessThan(20_000);

    await awaitCollected(watched(exchange), minute(9), 300);
    expect(performance.now() - began).toBeGreaterThanOrEqual(300);
  });
});
