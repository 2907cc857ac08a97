import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { createTestDatabase } from '../support/database.ts';
import { openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

const SPEED = 60;
const MINUTE = 60_000;

/** An exchange with a trade a minute that, asked by `corrected`, shows the newest candle of a page otherwise. */
async function exchangeThat(corrected: (count: number) => boolean) {
  // Market minutes end on whole wall seconds, as schedules tick.
  const ahead = Date.parse('2025-03-01T00:00:00Z') - Math.floor(Date.now() / 1_000) * 1_000 * SPEED;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    // The collector's pages of 8 are slow: a run that does not wait at its end for what has closed lacks the last one.
    if (url.searchParams.get('count') === '8') setTimeout(answer, 600, url, response);
    else answer(url, response);
  });
  function answer(url: URL, response: ServerResponse): void {
    const clock = Date.now() * SPEED + ahead;
    response.setHeader('date', new Date(clock).toUTCString());
    if (url.pathname === '/v1/market/all') {
      response.end('[{"market":"KRW-BTC"}]');
      return;
    }
    const count = Number(url.searchParams.get('count'));
    const to = Date.parse(url.searchParams.get('to') ?? new Date(clock + 1).toISOString());
    const newest = Math.ceil(to / MINUTE) * MINUTE - MINUTE;
    const candles = Array.from({ length: count }, (_, ago) => ({
      candle_date_time_utc: new Date(newest - ago * MINUTE).toISOString().slice(0, 19),
      ...{ opening_price: 1_000, high_price: 1_000, low_price: 1_000, trade_price: 1_000 },
      candle_acc_trade_volume: ago === 0 && corrected(count) ? 2 : 1,
      candle_acc_trade_price: 1_000,
    }));
    response.end(JSON.stringify(candles));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

// Side by side: both mostly wait.
it.concurrent.for([
  { what: 'is complete', wrong: 0, code: 0 },
  { what: 'has a candle otherwise than the exchange', wrong: 1, code: 1 },
])(
  'a run whose record $what ends with code $code',
  { timeout: 60_000 },
  async ({ wrong, code }, { onTestFinished }) => {
    const [bot, database] = await Promise.all([openBotFolder(), createTestDatabase()]);
    onTestFinished(async () => {
      bot.remove();
      await database.drop();
    });
    // In step the collector asks for 8; a page of 200 once everything runs is the summary's.
    const exchange = await exchangeThat((count) => {
      return wrong > 0 && count === 200 && readRunningInstance(bot.dataDir)?.state === 'stopping';
    });
    onTestFinished(exchange.close);

    const ended = await bot.run(['up', '--markets', 'KRW-BTC', '--speed', '60', '--for', '3s', '--json'], {
      UPBIT_BASE_URL: exchange.url,
      UPBIT_ACCESS_KEY: 'key',
      UPBIT_SECRET_KEY: 'not-to-be-shown',
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporalAddress(),
      TEMPORAL_NAMESPACE: `summary-${wrong}`,
    });

    expect(ended.code, ended.stderr).toBe(code);
    expect(JSON.parse(ended.stdout)).toMatchObject({ candles: { missing: wrong }, ended: 'elapsed' });
    expect(JSON.parse(ended.stdout).candles.new).toBeGreaterThanOrEqual(3);
    expect(ended.stdout + ended.stderr).not.toContain('not-to-be-shown');
  },
);
