import { expect, it } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import type { PaperExchangeOptions } from '../../../exchange/paper/server.ts';
import { standingWall, startForTest, tokenFor } from './paper.ts';
import { THIN_BOOK } from './thin-book.ts';

const MINUTE = 60_000;
const MARKETS = ['KRW-BTC', 'KRW-ETH'].map(parseMarket);

/** An answer as it came over the wire, but for what is the server's own: connections, and how long they are kept. */
async function answerOf(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  const headers = ['date', 'remaining-req', 'content-type'].map((name) => response.headers.get(name));
  return [response.status, ...headers, await response.text()].join('\n');
}

/** A day's work of a client: prices, orders of every type, refusals, lists. @returns every answer */
async function lifeOn(options: Partial<PaperExchangeOptions>): Promise<string[]> {
  const wall = standingWall();
  const { url } = await startForTest({
    ...{ feed: 'simulated', replayFiles: [], markets: MARKETS, seed: 1, wallClock: wall.now },
    ...options,
  });
  const answers: string[] = [];
  const look = async (target: string) => void answers.push(await answerOf(`${url}${target}`));
  const call = async (method: string, path: string, query = '') => {
    const authorization = `Bearer ${await tokenFor({ query })}`;
    answers.push(
      await answerOf(`${url}${path}${query === '' ? '' : `?${query}`}`, { method, headers: { authorization } }),
    );
  };
  const post = async (body: Record<string, string>, path = '/v1/orders') => {
    const headers = { authorization: `Bearer ${await tokenFor({ body })}`, 'content-type': 'application/json' };
    answers.push(await answerOf(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
  };

  await post({ market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '2000000', identifier: 'buy' });
  await post({ market: 'KRW-ETH', side: 'bid', ord_type: 'best', time_in_force: 'ioc', price: '700000' });
  await post({
    market: 'KRW-BTC',
    side: 'bid',
    ord_type: 'limit',
    price: '149000000',
    volume: '0.01',
    identifier: 'rest',
  });
  await post({
    market: 'KRW-BTC',
    side: 'bid',
    ord_type: 'limit',
    price: '1',
    volume: '0.01',
    identifier: 'too little',
  });
  await post({
    market: 'KRW-BTC',
    side: 'ask',
    ord_type: 'limit',
    price: '151000000',
    volume: '0.004',
    smp_type: 'reduce',
  });
  await post({ market: 'KRW-BTC', side: 'ask', ord_type: 'market', volume: '0.001' }, '/v1/orders/test');
  for (let minute = 0; minute < 45; minute += 1) {
    wall.pass(MINUTE);
    if (minute % 15 === 0) await call('GET', '/v1/orders/open', 'order_by=asc');
  }
  await post({ market: 'KRW-BTC', side: 'ask', ord_type: 'market', volume: '0.002' });
  const again = {
    prev_order_identifier: 'rest',
    new_ord_type: 'limit',
    new_price: '140000000',
    new_identifier: 'lower',
  };
  await post({ ...again, new_volume: '0.001' }, '/v1/orders/cancel_and_new');
  await call('GET', '/v1/order', 'identifier=buy');
  await call('DELETE', '/v1/order', 'identifier=lower');
  await call('DELETE', '/v1/orders/open');
  await call('GET', '/v1/orders/closed', 'order_by=asc');
  await call('GET', '/v1/accounts');
  await call('GET', '/v1/orders/chance', 'market=KRW-BTC');
  for (const candles of ['seconds', 'minutes/1', 'minutes/240', 'days', 'weeks']) {
    await look(`/v1/candles/${candles}?market=KRW-ETH&count=200`);
  }
  await look('/v1/ticker?markets=KRW-BTC,KRW-ETH');
  await look('/v1/trades/ticks?market=KRW-BTC&count=500');
  await look('/v1/orderbook?markets=KRW-BTC,KRW-ETH');
  await look('/v1/market/all?is_details=true');
  return answers;
}

it.each([
  ['without an order book', undefined],
  ['with one', THIN_BOOK],
])(
  'the same requests at the same market times are answered by the same bytes, %s; another seed by others',
  async (_, book) => {
    const once = await lifeOn({ book });

    expect(await lifeOn({ book })).toEqual(once);
    const another = await lifeOn({ book, seed: 2 });
    expect(another).toHaveLength(once.length);
    expect(another.filter((answer, index) => answer !== once[index]).length).toBeGreaterThan(once.length / 2);
    // Something was traded on arrival and later, and something was refused.
    expect(once.filter((answer) => answer.startsWith('201')).length).toBeGreaterThan(4);
    expect(once.some((answer) => answer.includes('under_min_total_bid'))).toBe(true);
    expect(once.some((answer) => answer.includes('"state":"done"'))).toBe(true);
  },
);
