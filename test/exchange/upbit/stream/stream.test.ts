import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { parseMarket } from '../../../../config/market.ts';
import { AuthenticationFailed } from '../../../../exchange/errors.ts';
import type { PublicTrade } from '../../../../exchange/quotation-port.ts';
import { createUpbitQuotation } from '../../../../exchange/upbit/quotation/quotation.ts';
import type { OpenSocket } from '../../../../exchange/upbit/stream/connection.ts';
import type { StreamEvent } from '../../../../exchange/upbit/stream/events.ts';
import { STREAM_CANDLE_UNITS } from '../../../../exchange/upbit/stream/short-names.ts';
import { openAccountStream, openQuoteStream, type StreamOptions } from '../../../../exchange/upbit/stream/stream.ts';
import type { QuoteSubscription } from '../../../../exchange/upbit/stream/subscription.ts';
import { createTransport } from '../../../../exchange/upbit/transport.ts';
import { paperOptions, signed, startForTest } from '../../paper/paper.ts';

const BTC = parseMarket('KRW-BTC');
const SIMULATED = { feed: 'simulated', replayFiles: [], markets: [BTC], speed: 60 } as const;
const QUICK = { firstRetryMs: 20, longestRetryMs: 100, settleMs: 300 };
const TRADES: QuoteSubscription = { type: 'trade', markets: [BTC] };

type Kind<K extends StreamEvent['kind']> = Extract<StreamEvent, { kind: K }>;

function recorder() {
  const events: StreamEvent[] = [];
  return {
    events,
    onEvent: (event: StreamEvent): void => void events.push(event),
    of: <K extends StreamEvent['kind']>(kind: K) => events.filter((event): event is Kind<K> => event.kind === kind),
  };
}

function quotes(baseUrl: string, more: Partial<StreamOptions<QuoteSubscription>> = {}) {
  const heard = recorder();
  const stream = openQuoteStream({
    baseUrl,
    subscriptions: [TRADES],
    onEvent: heard.onEvent,
    timing: QUICK,
    ...more,
  });
  onTestFinished(() => stream.close());
  return { ...heard, stream };
}

it.each(['DEFAULT', 'SIMPLE', 'JSON_LIST', 'SIMPLE_LIST'] as const)(
  'hears tickers, trades and candles of every length in %s, as REST shows them',
  async (format) => {
    const exchange = await startForTest(SIMULATED);
    const subscriptions: QuoteSubscription[] = [
      TRADES,
      { type: 'ticker', markets: [BTC] },
      ...STREAM_CANDLE_UNITS.map((unit) => ({ type: `candle.${unit}` as const, markets: [BTC] })),
    ];
    const { events, of } = quotes(exchange.url, { subscriptions, format });
    await expect.poll(() => of('trade').length).toBeGreaterThan(40);

    const quotation = createUpbitQuotation(createTransport({ baseUrl: exchange.url }));
    const known = await quotation.fetchTrades(BTC, { count: 200 });
    for (const { trade } of of('trade')) {
      if (trade.at <= (known[0]?.at ?? 0)) expect(known).toContainEqual(trade);
    }
    expect(of('trade')[0]?.origin).toBe('snapshot');
    expect(of('ticker').map(({ origin }) => origin)).toEqual(expect.arrayContaining(['snapshot', 'realtime']));
    for (const unit of STREAM_CANDLE_UNITS) {
      const told = of('candle').filter((candle) => candle.unit === unit);
      expect(told.map(({ origin }) => origin)).toEqual(expect.arrayContaining(['snapshot', 'realtime']));
      const rest = await quotation.fetchCandles(BTC, unit, { count: 200 });
      const newestClosed = new Map(told.map(({ candle }) => [candle.ts, candle]));
      for (const candle of [...newestClosed.values()].slice(0, -1)) expect(rest.candles).toContainEqual(candle);
    }
    expect(of('gap').map(({ reason }) => reason)).toEqual(['connected']);
    expect(events.filter(({ kind }) => kind === 'unreadable' || kind === 'refused')).toEqual([]);
  },
);

it('hears every step of an order, with fees and balances', async () => {
  const exchange = await startForTest(SIMULATED);
  const { accessKey, secretKey } = paperOptions();
  const heard = recorder();
  const stream = openAccountStream({
    baseUrl: exchange.url,
    keys: { accessKey, secretKey },
    subscriptions: [{ type: 'myOrder' }, { type: 'myAsset' }],
    onEvent: heard.onEvent,
    timing: QUICK,
  });
  onTestFinished(() => stream.close());
  await expect.poll(() => heard.of('gap').length).toBe(1);

  const body = { market: BTC, side: 'bid', ord_type: 'price', price: '10000', identifier: 'one' };
  await signed(exchange.url, 'POST', '/v1/orders', { body });
  await expect.poll(() => heard.of('order').map(({ order }) => order.state)).toEqual(['wait', 'trade', 'cancel']);

  const { json } = await signed(exchange.url, 'GET', '/v1/order', { query: 'identifier=one' });
  const [, fill, last] = heard.of('order').map(({ order }) => order);
  expect(last).toMatchObject({ exchangeOrderId: json.uuid, identifier: 'one', paidFee: json.paid_fee });
  expect(fill?.fill).toMatchObject({
    exchangeTradeId: json.trades[0].uuid,
    price: json.trades[0].price,
    volume: json.trades[0].volume,
    fee: json.paid_fee,
    isMaker: false,
  });
  const { json: accounts } = await signed(exchange.url, 'GET', '/v1/accounts');
  expect(heard.of('assets').at(-1)?.assets.assets).toEqual(
    accounts.map((account: Record<string, string>) => ({
      currency: account.currency,
      free: account.balance,
      locked: account.locked,
    })),
  );
});

it('asks again and tells of the gap when the exchange was away', async () => {
  const options = paperOptions(SIMULATED);
  const first = await startForTest(options);
  const { of } = quotes(first.url);
  await expect.poll(() => of('gap').length).toBe(1);
  await first.close();
  await expect.poll(() => of('disconnected').length).toBeGreaterThan(1);
  const before = of('trade').length;
  await startForTest({ ...options, port: first.port });

  await expect.poll(() => of('gap').length).toBe(2);
  await expect.poll(() => of('trade').length).toBeGreaterThan(before + 3);
});

it('loses and doubles no trade over 50 cuts when each gap is healed by REST', async () => {
  const exchange = await startForTest(SIMULATED);
  const quotation = createUpbitQuotation(createTransport({ baseUrl: exchange.url }));
  const trades = new Map<string, PublicTrade>();
  let healing = Promise.resolve();
  let socket: WebSocket | undefined;
  const openSocket: OpenSocket = (url, headers) => {
    socket = new WebSocket(url, { headers });
    return socket;
  };
  let gaps = 0;
  const heal = async (): Promise<void> => {
    for (const trade of await quotation.fetchTrades(BTC, { count: 500 })) trades.set(trade.id, trade);
  };
  const stream = openQuoteStream({
    baseUrl: exchange.url,
    subscriptions: [TRADES],
    timing: QUICK,
    openSocket,
    onEvent(event) {
      if (event.kind === 'trade') trades.set(event.trade.id, event.trade);
      if (event.kind !== 'gap') return;
      gaps += 1;
      healing = healing.then(heal);
    },
  });
  onTestFinished(() => stream.close());
  let state = 7;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let cuts = 1; cuts <= 50; cuts += 1) {
    await expect.poll(() => gaps, { interval: 5 }).toBeGreaterThanOrEqual(cuts);
    await new Promise((resolve) => setTimeout(resolve, random() * 120));
    socket?.terminate();
  }
  await expect.poll(() => gaps).toBeGreaterThanOrEqual(51);
  await stream.close();
  await healing;

  const held = [...trades.values()].sort((a, b) => a.at - b.at);
  const known: PublicTrade[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await quotation.fetchTrades(BTC, { count: 500, ...(cursor === undefined ? {} : { cursor }) });
    known.push(...page);
    cursor = page.at(-1)?.id;
    if (page.length < 500 || (page.at(-1)?.at ?? 0) <= (held[0]?.at ?? 0)) break;
  }
  const [from, to] = [held[0]?.at ?? 0, held.at(-1)?.at ?? 0];
  expect(held).toEqual(known.filter(({ at }) => at >= from && at <= to).toReversed());
}, 60_000);

it('tells each time that the key is refused, then stops, and never shows the key', async () => {
  const exchange = await startForTest(SIMULATED);
  const lines: string[] = [];
  const heard = recorder();
  const secretKey = randomBytes(32).toString('hex');
  openAccountStream({
    baseUrl: exchange.url,
    keys: { accessKey: paperOptions().accessKey, secretKey },
    subscriptions: [{ type: 'myAsset' }],
    onEvent: heard.onEvent,
    timing: QUICK,
    log: (line) => lines.push(line),
  });
  await expect.poll(() => heard.of('stopped').length).toBe(1);
  expect(heard.of('refused')).toHaveLength(3);
  expect(heard.of('stopped')[0]?.error).toBeInstanceOf(AuthenticationFailed);
  const said = [...lines, ...heard.of('refused').map(({ error }) => String(error.stack))].join('\n');
  expect(said).not.toContain(secretKey);
  expect(said).not.toContain('Bearer');
});

it('says that nothing came for too long, and that a line is dead', async () => {
  const exchange = await startForTest({ ...SIMULATED, speed: 1 });
  const { of } = quotes(exchange.url, { timing: { ...QUICK, silentAfterMs: 200 } });
  await expect.poll(() => of('gap').filter(({ reason }) => reason === 'silent').length).toBeGreaterThan(1);

  const deaf = quotes(exchange.url, {
    timing: { ...QUICK, pingEveryMs: 50, pongWithinMs: 50 },
    openSocket: (url, headers) => new WebSocket(url, { headers, autoPong: false }).on('pong', () => {}),
  });
  await expect.poll(() => deaf.of('gap').length).toBeGreaterThan(0);
});
