import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RateLimited } from '../../../../exchange/errors.ts';
import { openSource } from '../../../../exchange/paper/live/source.ts';
import { serveForTest } from '../../tunnel.ts';
import { ANSWERS } from '../../upbit/quotation-answers.ts';
import { get, standingWall, startForTest } from '../paper.ts';
import { BTC, ETH, STREAM_TIMING, startChain } from './chain.ts';

async function textOf(url: string): Promise<{ status: number; date: string | null; text: string }> {
  const response = await fetch(url);
  return { status: response.status, date: response.headers.get('date'), text: await response.text() };
}

const QUESTIONS = [
  '/v1/candles/seconds?market=KRW-BTC&count=5',
  ...[1, 3, 5, 10, 15, 30, 60, 240].map((unit) => `/v1/candles/minutes/${unit}?market=KRW-BTC&count=7`),
  '/v1/candles/minutes/1?market=KRW-ETH&count=200&to=2025-01-01T03%3A00%3A00Z',
  '/v1/candles/minutes/1?market=KRW-BTC&count=3&to=2025-01-01T12%3A00%3A00%2B09%3A00',
  '/v1/candles/days?market=KRW-BTC&converting_price_unit=KRW',
  '/v1/candles/weeks?market=KRW-BTC',
  '/v1/candles/months?market=KRW-BTC',
  '/v1/candles/years?market=KRW-BTC',
  '/v1/ticker?markets=KRW-ETH,KRW-BTC',
  '/v1/ticker/all?quote_currencies=KRW',
  '/v1/trades/ticks?market=KRW-BTC&count=500',
  '/v1/trades/ticks?market=KRW-BTC&count=3&to=03:00:00',
  '/v1/orderbook/instruments?markets=KRW-BTC,KRW-ETH',
  '/v1/market/all?is_details=true',
  '/v1/market/all',
];

it('shows the source’s prices byte for byte and under its clock, backfill pages of 200 included', async () => {
  const markets = [BTC, ETH];
  // Its market stands still, so that two looks at it are the same.
  const wall = standingWall();
  const { upbit, exchange } = await startChain({
    source: { wallClock: wall.now, speed: 1, markets },
    live: { markets },
  });

  for (const question of QUESTIONS) {
    // Calls are counted by its clock.
    wall.pass(1_000);
    const theirs = await textOf(upbit.url + question);
    const shown = await textOf(exchange.url + question);
    expect([question, shown.status, shown.text]).toEqual([question, 200, theirs.text]);
    if (!question.startsWith('/v1/market')) expect(shown.date).toBe(theirs.date);
  }
});

it('refuses nonsense and markets that are not here as Upbit does, without asking the source', async () => {
  const { way, exchange, upbit } = await startChain({ source: { markets: [BTC, ETH] } });
  const wrong = [
    '/v1/candles/minutes/7?market=KRW-BTC',
    '/v1/candles/minutes/x?market=KRW-BTC',
    '/v1/candles/days?market=KRW-BTC&converting_price_unit=USD',
    '/v1/candles/minutes/1?market=KRW-BTC&count=0',
    '/v1/candles/minutes/1?market=KRW-BTC&to=yesterday',
    '/v1/candles/minutes/1',
    '/v1/trades/ticks?market=KRW-BTC&days_ago=8',
    '/v1/trades/ticks?market=KRW-BTC&cursor=x',
    '/v1/ticker/all',
  ];
  for (const question of wrong) {
    const [theirs, shown] = [await textOf(upbit.url + question), await textOf(exchange.url + question)];
    expect([question, shown.status, shown.text]).toEqual([question, theirs.status, theirs.text]);
    expect(shown.status).toBe(400);
  }
  for (const question of ['/v1/ticker?markets=KRW-BTC,KRW-ETH', '/v1/candles/minutes/1?market=KRW-ETH']) {
    expect(await textOf(exchange.url + question)).toMatchObject({
      status: 404,
      text: '{"error":{"name":404,"message":"Code not found"}}',
    });
  }
  expect((await get(`${exchange.url}/v1/orderbook?markets=KRW-BTC`)).status).toBe(404);
  expect(way.asked.filter((line) => /ETH|candles|daysAgo|days_ago|cursor|ticker/.test(line))).toEqual([
    'GET /v1/ticker?markets=KRW-BTC',
  ]);
});

it('asks the source ten times a second at most, and refuses at once who would wait too long', async () => {
  const askedAt: number[] = [];
  const url = await serveForTest((_, response) => {
    askedAt.push(performance.now());
    response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWERS.markets);
  });
  const { quotation } = openSource(url, 1);
  const asked = await Promise.allSettled(Array.from({ length: 40 }, () => quotation.listMarkets()));

  const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(askedAt).toHaveLength(40 - refused.length);
  expect(refused.length).toBeGreaterThan(20);
  expect(refused.every((error) => error instanceof RateLimited)).toBe(true);
  const [first = 0] = askedAt;
  expect(askedAt.filter((at) => at - first < 950)).toHaveLength(10);
});

/** Real answers of Upbit, and documented ones where no real one was at hand, served as they are. */
async function serveRealAnswers() {
  const candles = readFileSync(new URL('./upbit-candles-2020.json', import.meta.url), 'utf8');
  const answers: Readonly<Record<string, string>> = {
    '/v1/market/all': ANSWERS.markets,
    '/v1/candles/minutes/1': candles,
    '/v1/candles/days': ANSWERS.days,
    '/v1/candles/weeks': ANSWERS.weeks,
    '/v1/candles/months': ANSWERS.months,
    '/v1/ticker': ANSWERS.ticker,
    '/v1/trades/ticks': ANSWERS.trades.replaceAll('USDT-BTC', 'KRW-BTC'),
    '/v1/orderbook/instruments': ANSWERS.instruments,
  };
  const url = await serveForTest((request, response) => {
    const body = answers[(request.url ?? '').split('?')[0] ?? ''];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(body ?? '{"error":{"name":404,"message":"Code not found"}}');
  });
  return { url, answers };
}

it('understands real answers of Upbit and shows every byte of them', async () => {
  const { url: source, answers } = await serveRealAnswers();
  const { url } = await startForTest({
    ...{ feed: 'upbit', source, replayFiles: [], markets: [BTC], speed: 1 },
    streamTiming: STREAM_TIMING,
  });

  for (const [path, body] of Object.entries(answers)) {
    if (path === '/v1/market/all') continue;
    const query = path.includes('ticker') || path.includes('instruments') ? 'markets=KRW-BTC' : 'market=KRW-BTC';
    expect([path, (await textOf(`${url}${path}?${query}`)).text]).toEqual([path, body]);
  }
  const [listed] = (await get(`${url}/v1/market/all?is_details=true`)).json;
  expect(listed).toEqual(JSON.parse(ANSWERS.markets)[0]);
  expect(Object.keys((await get(`${url}/v1/market/all`)).json[0])).toEqual(['market', 'korean_name', 'english_name']);
});

it('answers 500 where the source answers what nobody understands', async () => {
  const { url: real } = await serveRealAnswers();
  let isCaptured = false;
  const source = await serveForTest(async (request, response) => {
    const answer = await fetch(`${real}${request.url}`);
    const text = await answer.text();
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(isCaptured ? '<html>Sign in to this network</html>' : text);
  });
  const { url } = await startForTest({
    ...{ feed: 'upbit', source, replayFiles: [], markets: [BTC], speed: 1 },
    streamTiming: STREAM_TIMING,
  });
  isCaptured = true;

  const answer = await get(`${url}/v1/ticker?markets=KRW-BTC`);

  expect([answer.status, answer.json.error.name]).toEqual([500, 500]);
});
