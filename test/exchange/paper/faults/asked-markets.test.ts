import { expect, test } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import type { PaperExchangeOptions } from '../../../../exchange/paper/server.ts';
import { openOrderArchive } from '../../../../exchange/paper/state/order-archive.ts';
import { BTC_FILE, ETH_FILE, signed, temporaryFolder } from '../paper.ts';
import { farBid, openFaulty } from './faulty.ts';

const MARKETS = ['KRW-BTC', 'KRW-ETH'].map(parseMarket);
const farEth = { ...farBid, market: 'KRW-ETH', volume: '0.01', price: '1000000' };

/** An exchange with an order of each market, and what says which market's rule strikes a call: the markets it is about. */
async function open(overrides: Partial<PaperExchangeOptions> = {}) {
  const { url, control, wall, call } = await openFaulty({
    ...{ markets: MARKETS, replayFiles: [BTC_FILE, ETH_FILE], ...overrides },
  });
  const post = async (body: Record<string, unknown>) => (await signed(url, 'POST', '/v1/orders', { body })).json.uuid;
  const uuids = {
    btc: await post({ ...farBid, identifier: 'btc' }),
    eth: await post({ ...farEth, identifier: 'eth' }),
  };
  const struckBy = async (call: () => Promise<unknown>): Promise<string[]> => {
    const struck: string[] = [];
    for (const market of MARKETS) {
      // A call that is struck has no effect; the others here have none, or are the last.
      await control.add({ id: market, kind: 'refused', status: 503, error: 'struck', market, next: 1 });
      wall.pass(2_000);
      await call();
      if ((await control.struck(market)) > 0) struck.push(market);
      await control.clear();
    }
    return struck;
  };
  return {
    uuids,
    cancel: (identifier: string) => call('DELETE', '/v1/order', `identifier=${identifier}`),
    about: (method: string, path: string, query = '') => struckBy(() => signed(url, method, path, { query })),
    replacing: (body: Record<string, unknown>) =>
      struckBy(() => signed(url, 'POST', '/v1/orders/cancel_and_new', { body })),
  };
}

test('a call is about the markets it names', async () => {
  const { about } = await open();

  expect(await about('GET', '/v1/orders/chance', 'market=KRW-ETH')).toEqual(['KRW-ETH']);
  expect(await about('GET', '/v1/ticker', 'markets=KRW-ETH,KRW-BTC')).toEqual(MARKETS);
  expect(await about('GET', '/v1/ticker/all', 'quote_currencies=KRW')).toEqual(MARKETS);
  expect(await about('GET', '/v1/ticker/all', 'quote_currencies=BTC,USDT')).toEqual([]);
  expect(await about('GET', '/v1/accounts')).toEqual([]);
  expect(await about('GET', '/v1/orders/open')).toEqual([]);
});

test('a call is about the markets of the orders it names, by whichever name', async () => {
  const { about, uuids } = await open();

  expect(await about('GET', '/v1/order', 'identifier=eth')).toEqual(['KRW-ETH']);
  expect(await about('GET', '/v1/order', `uuid=${uuids.btc}&identifier=eth`)).toEqual(['KRW-BTC']);
  expect(await about('GET', '/v1/orders/uuids', 'identifiers[]=none&identifiers%5B%5D=eth')).toEqual(['KRW-ETH']);
  expect(await about('GET', '/v1/orders/uuids', `uuids[]=${uuids.eth}&uuids[]=${uuids.btc}`)).toEqual(MARKETS);
  expect(await about('GET', '/v1/orders/uuids', 'uuids[]=none')).toEqual([]);
  expect(await about('DELETE', '/v1/orders/uuids', `uuids[]=${uuids.btc}`)).toEqual(['KRW-BTC']);
});

test('a call is about the market of an order that has left memory as well', async () => {
  const stateDir = temporaryFolder();
  const { about, replacing, cancel, uuids } = await open({ stateDir, retirement: { kept: 0, together: 1 } });
  await cancel('eth');
  await expect.poll(() => isArchived(stateDir, 'eth')).toBe(true);

  expect(await about('GET', '/v1/order', 'identifier=eth')).toEqual(['KRW-ETH']);
  expect(await about('GET', '/v1/order', `uuid=${uuids.eth}`)).toEqual(['KRW-ETH']);
  expect(await about('GET', '/v1/orders/uuids', 'identifiers[]=eth')).toEqual(['KRW-ETH']);
  expect(await replacing({ prev_order_identifier: 'eth' })).toEqual(['KRW-ETH']);
});

async function isArchived(stateDir: string, identifier: string): Promise<boolean> {
  const archive = openOrderArchive(stateDir);
  try {
    return archive.hasIdentifier(identifier);
  } finally {
    await archive.close();
  }
}

test('a request to replace an order is about the market of that', async () => {
  const { replacing, uuids } = await open();
  // Off the price grid.
  const next = { new_ord_type: 'limit', new_price: '1000500', new_volume: '0.01' };

  expect(await replacing({ prev_order_identifier: 'eth', ...next })).toEqual(['KRW-ETH']);
  expect(await replacing({ prev_order_uuid: uuids.btc, prev_order_identifier: 'eth', ...next })).toEqual(['KRW-BTC']);
  expect(await replacing({ prev_order_identifier: 'none', ...next })).toEqual([]);
});

test.each([
  ['', MARKETS],
  ['cancel_side=ask', MARKETS],
  ['cancel_side=ask&pairs=KRW-ETH', ['KRW-ETH']],
  ['cancel_side=ask&pairs=KRW-ETH%2CKRW-BTC&excluded_pairs=KRW-ETH', ['KRW-BTC']],
  ['cancel_side=ask&excluded_pairs=KRW-BTC', ['KRW-ETH']],
  ['cancel_side=ask&quote_currencies=KRW', MARKETS],
  ['cancel_side=ask&quote_currencies=KRW&excluded_pairs=KRW-ETH', ['KRW-BTC']],
  ['cancel_side=ask&quote_currencies=BTC', []],
])('a request to cancel what is open with "%s" is about %j', async (query, markets) => {
  const { about } = await open();

  expect(await about('DELETE', '/v1/orders/open', query)).toEqual(markets);
});
