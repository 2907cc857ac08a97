import { expect, it, onTestFinished } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import type { AccountNews, MarketNews } from '../../../../exchange/live-port.ts';
import type { StreamSocket } from '../../../../exchange/upbit/stream/connection.ts';
import { createUpbitLiveAccount, createUpbitLiveMarkets } from '../../../../exchange/upbit/stream/live.ts';
import { paperOptions, signed, standingWall, startForTest } from '../../paper/paper.ts';
import { ScriptedLine, standingTime } from './scripted-lines.ts';

const BTC = parseMarket('KRW-BTC');
const ETH = parseMarket('KRW-ETH');
const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 5, 12);

function tickerOf(code: string, trade_timestamp: number, trade_price: number, stream_type = 'REALTIME') {
  return {
    type: 'ticker',
    code,
    opening_price: 1,
    high_price: 1,
    low_price: 1,
    trade_price,
    prev_closing_price: 1,
    change: 'EVEN',
    change_price: 0,
    signed_change_price: 0,
    change_rate: 0,
    signed_change_rate: 0,
    trade_volume: 1,
    acc_trade_volume: 1,
    acc_trade_volume_24h: 1,
    acc_trade_price: 1,
    acc_trade_price_24h: 1,
    trade_timestamp,
    highest_52_week_price: 1,
    highest_52_week_date: '2025-06-24',
    lowest_52_week_price: 1,
    lowest_52_week_date: '2025-06-24',
    timestamp: trade_timestamp,
    stream_type,
  };
}

function candleOf(code: string, ts: number, stream_type = 'REALTIME') {
  return {
    type: 'candle.1m',
    code,
    candle_date_time_utc: new Date(ts).toISOString().slice(0, 19),
    opening_price: 1,
    high_price: 1,
    low_price: 1,
    trade_price: 1,
    candle_acc_trade_volume: 1,
    candle_acc_trade_price: 1,
    timestamp: ts,
    stream_type,
  };
}

async function watch(markets = [BTC, ETH]) {
  const time = standingTime();
  const lines: ScriptedLine[] = [];
  const news: MarketNews[] = [];
  const live = createUpbitLiveMarkets({
    baseUrl: 'http://exchange.test',
    now: () => Date.now(),
    random: () => 1,
    openSocket() {
      const line = new ScriptedLine();
      lines.push(line);
      return line as unknown as StreamSocket;
    },
  }).watchMarkets(markets, (one) => news.push(one));
  await time.pass(0);
  const line = (): ScriptedLine => lines.at(-1) ?? new ScriptedLine();
  return {
    ...time,
    news,
    live,
    line,
    lines,
    /** What was told since the last call. */
    told: (): MarketNews[] => news.splice(0),
    snapshot(): void {
      line().open();
      for (const market of markets) {
        line().say(candleOf(market, NOON, 'SNAPSHOT'));
        line().say(tickerOf(market, NOON + 1_000, 100, 'SNAPSHOT'));
      }
    },
  };
}

const gap = (reason: string, markets: readonly string[] = [BTC, ETH]) => ({ kind: 'gap', reason, markets });

it('says to heal by REST after the first connect and after every other, once the line flows', async () => {
  const { snapshot, told, line, pass } = await watch();
  snapshot();
  expect(told().at(-1)).toEqual(gap('connected'));
  for (let cut = 0; cut < 3; cut += 1) {
    line().end(1006);
    expect(told()).toEqual([{ kind: 'offline', reason: 'the line broke', retryInMs: 500 }]);
    await pass(500);
    snapshot();
    expect(told().at(-1)).toEqual(gap('connected'));
  }
});

it('tells prices as they move, and none older than one it told', async () => {
  const { snapshot, told, line } = await watch([BTC]);
  snapshot();
  expect(told()[0]).toEqual({ kind: 'price', market: BTC, price: '100', at: NOON + 1_000 });
  line().say(tickerOf(BTC, NOON + 2_000, 101.5));
  line().say(tickerOf(BTC, NOON + 1_500, 99));
  line().say(tickerOf('KRW-XRP', NOON + 3_000, 1));
  expect(told()).toEqual([{ kind: 'price', market: BTC, price: '101.5', at: NOON + 2_000 }]);
});

it('tells once that a minute closed, by the first candle or trade of a later one, for each market by itself', async () => {
  const { snapshot, told, line } = await watch();
  snapshot();
  told();
  line().say(candleOf(BTC, NOON));
  expect(told()).toEqual([]);
  line().say(candleOf(BTC, NOON + MINUTE));
  expect(told()).toEqual([{ kind: 'minute-closed', market: BTC, until: NOON + MINUTE }]);
  line().say(tickerOf(BTC, NOON + MINUTE + 5, 100));
  expect(told()).toEqual([{ kind: 'price', market: BTC, price: '100', at: NOON + MINUTE + 5 }]);
  line().say(tickerOf(ETH, NOON + 3 * MINUTE, 100));
  line().say(candleOf(ETH, NOON + 3 * MINUTE));
  line().say(candleOf(ETH, NOON + 2 * MINUTE));
  expect(told()).toEqual([
    { kind: 'minute-closed', market: ETH, until: NOON + 3 * MINUTE },
    { kind: 'price', market: ETH, price: '100', at: NOON + 3 * MINUTE },
  ]);
});

it('names the market that is silent', async () => {
  const { snapshot, told, line, pass } = await watch();
  snapshot();
  told();
  for (let second = 1; second <= 60; second += 1) {
    await pass(1_000);
    line().say(tickerOf(BTC, NOON + 1_000, 100));
    line().say(candleOf(BTC, NOON));
  }
  expect(told().filter(({ kind }) => kind === 'gap')).toEqual([gap('silent', [ETH])]);
});

it('says to heal after an unreadable message, at most every 10 s and never too seldom', async () => {
  const { snapshot, told, line, pass } = await watch();
  snapshot();
  told();
  line().say('{');
  expect(told()).toEqual([gap('unreadable')]);
  for (let second = 0; second < 9; second += 1) {
    await pass(1_000);
    line().say('{');
  }
  expect(told()).toEqual([]);
  await pass(1_000);
  expect(told()).toEqual([gap('unreadable')]);
  await pass(30_000);
  expect(told()).toEqual([]);
  line().say('{');
  expect(told()).toEqual([gap('unreadable')]);
});

it('tells nothing any more and leaves no timer behind once it is closed', async () => {
  const { snapshot, told, line, live, pass, timers } = await watch();
  snapshot();
  line().say('{');
  line().say('{');
  told();
  const closed = live.close();
  await pass(1_000);
  await closed;
  expect(timers()).toBe(0);
  expect(told()).toEqual([]);
});

async function watchAccount(secretKey = paperOptions().secretKey) {
  const wall = standingWall();
  const exchange = await startForTest({ wallClock: wall.now });
  const news: AccountNews[] = [];
  const live = createUpbitLiveAccount({
    baseUrl: exchange.url,
    keys: { accessKey: paperOptions().accessKey, secretKey },
    timing: { settleMs: 100, firstRetryMs: 20, longestRetryMs: 20 },
  }).watchAccount((one) => news.push(one));
  onTestFinished(() => live.close());
  type Kind<K> = Extract<AccountNews, { kind: K }>;
  return {
    news,
    of: <K extends AccountNews['kind']>(kind: K) => news.filter((one): one is Kind<K> => one.kind === kind),
    post: (body: Record<string, unknown>) => signed(exchange.url, 'POST', '/v1/orders', { body }),
    call: (method: string, path: string, query: string) => signed(exchange.url, method, path, { query }),
  };
}

it('tells fills and changes of orders, and balances, as REST knows them', async () => {
  const { of, post, call } = await watchAccount();
  await expect.poll(() => of('gap')).toEqual([{ kind: 'gap', reason: 'connected' }]);
  await post({ market: BTC, side: 'bid', ord_type: 'price', price: '10000', identifier: 'taken' });
  await post({ market: BTC, side: 'bid', ord_type: 'limit', price: '140000000', volume: '0.0001', identifier: 'far' });
  await call('DELETE', '/v1/order', 'identifier=far');
  await expect
    .poll(() => of('order').map(({ order }) => [order.identifier, order.isOver]))
    .toEqual([
      ['taken', false],
      ['taken', true],
      ['far', false],
      ['far', true],
    ]);
  const { json } = await call('GET', '/v1/order', 'identifier=taken');
  expect(of('fill')).toHaveLength(1);
  expect(of('fill')[0]).toMatchObject({
    order: {
      exchangeOrderId: json.uuid,
      market: BTC,
      side: 'bid',
      isOver: false,
      executedVolume: json.executed_volume,
    },
    fill: {
      exchangeTradeId: json.trades[0].uuid,
      price: json.trades[0].price,
      volume: json.trades[0].volume,
      funds: json.trades[0].funds,
      fee: json.paid_fee,
      isMaker: false,
      executedAt: Date.parse(json.trades[0].created_at),
    },
  });
  await expect
    .poll(() =>
      of('balances')
        .at(-1)
        ?.balances.map(({ currency, locked }) => [currency, locked]),
    )
    .toEqual([['KRW', '0']]);
});

it('keeps every digit of what a fill was worth', async () => {
  const line = new ScriptedLine();
  const news: AccountNews[] = [];
  let isOpening = false;
  const live = createUpbitLiveAccount({
    baseUrl: 'http://exchange.test',
    keys: { accessKey: 'access', secretKey: 'a secret that is long enough for anybody' },
    openSocket() {
      isOpening = true;
      return line as unknown as StreamSocket;
    },
  }).watchAccount((one) => news.push(one));
  onTestFinished(() => live.close());
  await expect.poll(() => isOpening).toBe(true);
  line
    .open()
    .say(
      `{"type":"myOrder","code":"KRW-BTC","uuid":"o","ask_bid":"BID","order_type":"limit","state":"trade","trade_uuid":"t","price":1234.56789012,"avg_price":1,"volume":123456789.12345678,"remaining_volume":0,"executed_volume":1,"trades_count":1,"paid_fee":0,"locked":0,"executed_funds":1,"trade_fee":0,"is_maker":true,"trade_timestamp":1,"order_timestamp":1,"timestamp":1,"stream_type":"REALTIME"}`,
    );
  expect(news).toMatchObject([{ kind: 'fill', fill: { funds: '152415787669.1358010856090136' } }]);
});

it('says that it stopped when the key is refused', async () => {
  const { of, news } = await watchAccount('another secret, long enough as well');
  await expect.poll(() => of('stopped').map(({ error }) => error.name)).toEqual(['AuthenticationFailed']);
  expect(of('offline').map(({ reason }) => reason)).toEqual(
    Array(2).fill(expect.stringMatching(/^authentication failed/)),
  );
  expect(news.at(-1)?.kind).toBe('stopped');
});
