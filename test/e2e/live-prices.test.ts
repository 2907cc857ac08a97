import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { parseMarket } from '../../config/market.ts';
import { USUAL_BOOK } from '../../exchange/matching/book/parameters.ts';
import { startWay } from '../exchange/paper/live/chain.ts';
import { startForTest } from '../exchange/paper/paper.ts';
import { openBotFolder } from '../support/running-bot.ts';
import { temporalAddress } from '../support/temporal.ts';

beforeAll(() => {
  // Only to fail with the right words where there is no Temporal binary.
  temporalAddress();
});

const MARKETS = ['KRW-BTC', 'KRW-ETH'];

it('the whole bot trades paper money at the prices of another exchange, and rides out that it is away', async () => {
  const upbit = await startForTest({
    feed: 'simulated',
    replayFiles: [],
    markets: MARKETS.map(parseMarket),
    book: USUAL_BOOK,
    speed: 20,
  });
  const way = await startWay(upbit.url);
  const bot = await openBotFolder();
  onTestFinished(() => bot.remove());
  const flags = ['--feed', 'upbit', '--source', way.url, '--markets', MARKETS.join(','), '--speed', '20'];
  const { child, finished } = bot.start(['up', ...flags, '--for', '50s', '--json']);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await finished;
  });
  await expect.poll(() => readRunningInstance(bot.dataDir)?.state, { timeout: 90_000, interval: 100 }).toBe('ready');

  await new Promise((resolve) => setTimeout(resolve, 15_000));
  way.set('closed');
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  way.set('no-stream');
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  way.set('open');

  const { code, stdout, stderr } = await finished;
  expect([code, stderr.slice(-2_000)]).toEqual([0, expect.any(String)]);
  const summary = JSON.parse(stdout);
  expect(summary.candles.missing).toBe(0);
  expect(summary.candles.new).toBeGreaterThan(20);
  expect(summary.decisions.live).toBeGreaterThan(8);
  expect(summary.orders.sent).toBeGreaterThan(0);
  expect(summary.orders.unresolved).toBe(0);
  expect(summary.ledger_equals_exchange).toBe(true);
}, 240_000);
