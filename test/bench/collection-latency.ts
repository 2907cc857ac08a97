import type { Bench, Measurement } from './bench.ts';
import { type BenchBot, MARKET, SPEED } from './bench-bot.ts';
import { watchCandles } from './candle-watch.ts';
import { learnCloseInstants } from './market-time.ts';
import { percentile } from './statistics.ts';

/** A trade waits for its candle this share of the interval after the close, then it is `no-candle`. */
const WAIT_OF_A_TRADE = 0.4;

/** How long after a minute ends its candle can be read from the database, on a bot that has been running for a while. */
export async function measureCollectionLatency(bench: Bench, bot: BenchBot): Promise<Measurement> {
  const wanted = bench.quick ? 20 : 120;
  const closesAt = await learnCloseInstants({ url: bot.instance.exchangeUrl, speed: SPEED, market: MARKET });
  const latencies: number[] = [];
  await watchCandles(bench, bot, ({ ts, visibleAt }) => {
    latencies.push(visibleAt - closesAt(ts));
    if (latencies.length % 20 === 0) bench.say(`collection latency: ${latencies.length} of ${wanted} candles`);
    return latencies.length >= wanted;
  });
  const atMost = WAIT_OF_A_TRADE * bot.instance.candleIntervalMs;
  return {
    title: 'Collection latency',
    figures: [
      { name: 'close to row visible, p50', value: percentile(latencies, 0.5), unit: 'ms', atMost },
      { name: 'close to row visible, p95', value: percentile(latencies, 0.95), unit: 'ms', atMost },
      { name: 'close to row visible, slowest', value: Math.max(...latencies), unit: 'ms' },
    ],
    notes: [
      `${latencies.length} candles in a row at speed ${SPEED}: wall instant at which the market minute ends, to the database's notification of the committed row.`,
      `Bound: a trade waits ${WAIT_OF_A_TRADE} of the interval for its candle. The schedule's tick, the workflow and both activities are in the figure.`,
    ],
  };
}
