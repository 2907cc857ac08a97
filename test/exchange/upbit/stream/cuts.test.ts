import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { parseMarket } from '../../../../config/market.ts';
import type { PublicTrade } from '../../../../exchange/quotation-port.ts';
import { createUpbitQuotation } from '../../../../exchange/upbit/quotation/quotation.ts';
import type { OpenSocket } from '../../../../exchange/upbit/stream/connection.ts';
import { openQuoteStream } from '../../../../exchange/upbit/stream/stream.ts';
import { createTransport } from '../../../../exchange/upbit/transport.ts';
import { startForTest } from '../../paper/paper.ts';
import { TRADES } from './scripted-lines.ts';

const BTC = parseMarket('KRW-BTC');
const CUTS = 50;
const PAGE = 500;

it('loses and doubles no trade over 50 cuts when each gap is healed by REST', async () => {
  const exchange = await startForTest({ feed: 'simulated', replayFiles: [], markets: [BTC], speed: 300 });
  const quotation = createUpbitQuotation(createTransport({ baseUrl: exchange.url }));
  /** The trades after the one at `since`, newest first. */
  const tradesAfter = async (since: number): Promise<readonly PublicTrade[]> => {
    const found: PublicTrade[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await quotation.fetchTrades(BTC, { count: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.filter(({ at }) => at > since));
      if (page.length < PAGE || (page.at(-1)?.at ?? 0) <= since) return found;
      cursor = page.at(-1)?.id;
    }
  };

  const trades = new Map<string, PublicTrade>();
  let first: number | undefined;
  let streamed = 0;
  let healed = Number.NEGATIVE_INFINITY;
  let healing = Promise.resolve();
  const heal = async (): Promise<void> => {
    const since = Math.max(healed, (first ?? 0) - 1);
    for (const trade of await tradesAfter(since)) {
      trades.set(trade.id, trade);
      healed = Math.max(healed, trade.at);
    }
  };

  let state = 7;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  let lines = 0;
  /** Cut as soon as they are open, or after one to five messages; the one after the last cut is left alone. */
  const openSocket: OpenSocket = (url, headers) => {
    const socket = new WebSocket(url, { headers });
    lines += 1;
    let left = lines > CUTS ? Number.POSITIVE_INFINITY : random(6);
    const cutWhenDue = (): void => {
      if (left === 0) socket.terminate();
      left -= 1;
    };
    socket.on('open', cutWhenDue);
    socket.on('message', cutWhenDue);
    return socket;
  };
  let gapsOfLast = 0;
  const stream = openQuoteStream({
    baseUrl: exchange.url,
    subscriptions: [TRADES],
    timing: { firstRetryMs: 20, longestRetryMs: 20, settleMs: 300 },
    openSocket,
    connectPace: () => 0,
    onEvent(event) {
      if (event.kind === 'trade') {
        first ??= event.trade.at;
        streamed += trades.has(event.trade.id) ? 0 : 1;
        trades.set(event.trade.id, event.trade);
      }
      if (event.kind !== 'gap') return;
      if (lines > CUTS) gapsOfLast += 1;
      healing = healing.then(heal);
    },
  });
  onTestFinished(() => stream.close());
  await expect.poll(() => gapsOfLast).toBeGreaterThan(0);
  await stream.close();
  await healing;

  expect(lines).toBe(CUTS + 1);
  const held = [...trades.values()].sort((a, b) => a.at - b.at);
  const [from, to] = [held[0]?.at ?? 0, held.at(-1)?.at ?? 0];
  const known = (await tradesAfter(from - 1)).filter(({ at }) => at <= to).toReversed();
  expect(held).toEqual(known);
  // The stream alone would not have done.
  expect(streamed).toBeLessThan(held.length);
});
