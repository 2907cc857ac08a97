import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timeframeMs } from '../../config/timeframe.ts';
import type { LedgerEvent } from '../../exchange/matching/events.ts';
import { parseOrderIdentifier } from '../../strategy/order-identifier.ts';
import { writeCandleCsv } from '../support/candle-csv.ts';
import { type Bench, type Measurement, wait } from './bench.ts';
import { type BenchBot, type BenchFolder, MARKET } from './bench-bot.ts';
import { withConnection } from './connection.ts';
import { type CloseInstant, learnCloseInstants } from './market-time.ts';
import { type RunHops, readRunHops } from './run-hops.ts';
import { percentile } from './statistics.ts';
import { zigzagRows } from './zigzag-candles.ts';

/** A candle in two seconds: the shortest interval in which a run may start before the close. */
const SPEED = 30;
const INTERVAL_SECONDS = 2;
const MINUTE = timeframeMs('1m');

/** Targets of the way from candle to accepted order, ms. */
const P50_AT_MOST = 80;
const P95_AT_MOST = 160;

/** How long after a candle closed at the exchange the order that follows from it was accepted there, and where the time went. */
export async function measureOrderLatency(bench: Bench, folder: BenchFolder): Promise<Measurement> {
  const wanted = bench.quick ? 10 : 65;
  const file = join(folder.path, 'KRW-BTC_zigzag.csv');
  writeCandleCsv(file, zigzagRows(1_000));
  const bot = await folder.start(['--feed', 'replay', '--replay', file, '--markets', MARKET, '--speed', String(SPEED)]);
  try {
    await wait(bench, 'order latency, warm-up', bench.quick ? 5 : 20);
    const from = Date.now();
    await wait(bench, `order latency, ${wanted} candles`, wanted * INTERVAL_SECONDS);
    return await report(bot, from);
  } finally {
    await bot.stop();
  }
}

async function report(bot: BenchBot, from: number): Promise<Measurement> {
  const closesAt = await learnCloseInstants({ url: bot.instance.exchangeUrl, speed: SPEED, market: MARKET });
  const accepted = new Map([...acceptedOrders(bot)].filter(([candle]) => closesAt(candle) >= from));
  const latencies = [...accepted].map(([candle, at]) => (at - (candle + MINUTE)) / SPEED);
  if (latencies.length === 0) throw new Error('no order was accepted; durabit decisions says why');
  return {
    title: 'Order latency',
    figures: [
      { name: 'close to order accepted, p50', value: percentile(latencies, 0.5), unit: 'ms', atMost: P50_AT_MOST },
      { name: 'close to order accepted, p95', value: percentile(latencies, 0.95), unit: 'ms', atMost: P95_AT_MOST },
      { name: 'close to order accepted, slowest', value: Math.max(...latencies), unit: 'ms' },
    ],
    breakdown: await hops(bot, accepted, closesAt),
    notes: [
      `${latencies.length} orders at speed ${SPEED}, one for each candle: by the exchange's own clock, from the close, when it shows the candle, to its record that it took the order.`,
      'Hops: when each was reached, ms after the close (below zero: before it); runs start a second early and wait.',
    ],
  };
}

/** Market instant at which the exchange took the order of each candle, as its journal has it. */
function acceptedOrders({ dataDir }: BenchBot): ReadonlyMap<number, number> {
  const lines = readFileSync(join(dataDir, 'exchange', 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const events = lines.flatMap((line) => (JSON.parse(line) as { events: LedgerEvent[] }).events);
  return new Map(
    events.flatMap((event) => {
      const candle = event.type === 'accepted' && parseOrderIdentifier(event.request.identifier ?? '')?.candle;
      return candle ? [[candle, event.at] as const] : [];
    }),
  );
}

const COLLECT_HOPS = [
  'run started',
  'fetchCandles started',
  'fetchCandles done',
  'upsertCandles started',
  'upsertCandles done',
];
const TRADE_HOPS = ['run started', 'decide started', 'decide done', 'placeOrder ordered', 'placeOrder started'];

async function hops(bot: BenchBot, accepted: ReadonlyMap<number, number>, closesAt: CloseInstant) {
  const candles = new Set(accepted.keys());
  const [collected, traded] = await Promise.all([
    readRunHops(bot, 'CollectWorkflow', candles),
    readRunHops(bot, 'TradeWorkflow', candles),
  ]);
  const { decided, sending } = await ledgerInstants(bot, candles);
  const ofRuns = (kind: string, names: readonly string[], runs: ReadonlyMap<number, RunHops>) =>
    names.map((name) => ({
      name: `${kind}: ${name}`,
      at: new Map(
        [...runs].flatMap(([candle, run]) => (run[name] === undefined ? [] : [[candle, run[name]] as const])),
      ),
    }));
  const acceptedAt = new Map(
    [...accepted].map(([candle, at]) => [candle, closesAt(candle) + (at - candle - MINUTE) / SPEED]),
  );
  return [
    ...ofRuns('collect', COLLECT_HOPS, collected),
    ...ofRuns('trade', TRADE_HOPS.slice(0, 2), traded),
    { name: 'ledger: decided', at: decided },
    ...ofRuns('trade', TRADE_HOPS.slice(2), traded),
    { name: 'ledger: sending', at: sending },
    { name: 'exchange: accepted', at: acceptedAt },
  ].flatMap(({ name, at }) => {
    const after = [...at].map(([candle, instant]) => instant - closesAt(candle));
    if (after.length === 0) return [];
    return [
      {
        hop: name,
        p50: percentile(after, 0.5).toFixed(0),
        p95: percentile(after, 0.95).toFixed(0),
        runs: after.length,
      },
    ];
  });
}

/** Wall instants of the decision and of the commit to send, by candle. */
async function ledgerInstants({ instance }: BenchBot, candles: ReadonlySet<number>) {
  const { rows } = await withConnection(instance, (client) =>
    client.query<{ candle: Date; decided_at: Date; sending_at: Date | null }>(
      'SELECT d.candle, d.decided_at, o.sending_at FROM orders o JOIN decisions d ON d.id = o.decision',
    ),
  );
  const known = rows.filter((row) => candles.has(row.candle.getTime()));
  return {
    decided: new Map(known.map((row) => [row.candle.getTime(), row.decided_at.getTime()])),
    sending: new Map(
      known.flatMap((row) => (row.sending_at ? [[row.candle.getTime(), row.sending_at.getTime()]] : [])),
    ),
  };
}
