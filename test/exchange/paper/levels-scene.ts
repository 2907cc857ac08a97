import { expect } from 'vitest';
import { Exact } from '../../../exchange/matching/exact.ts';
import type { PaperExchangeOptions } from '../../../exchange/paper/server.ts';
import { type Answer, get, signed, standingWall, startForTest } from './paper.ts';
import { THIN_BOOK } from './thin-book.ts';

/** One price of either side, as REST tells it. */
export interface Unit {
  readonly ask_price: number;
  readonly ask_size: number;
  readonly bid_price: number;
  readonly bid_size: number;
}

export type Body = Record<string, unknown>;

/** An exchange with a thin book and a market clock that stands until it is moved, and its account's calls. */
export async function open(overrides: Partial<PaperExchangeOptions> = {}) {
  const wall = standingWall();
  const exchange = await startForTest({ wallClock: wall.now, book: THIN_BOOK, ...overrides });
  const { url } = exchange;
  const call = (method: string, path: string, query = '') => signed(url, method, path, { query });
  const post = (body: Body) => signed(url, 'POST', '/v1/orders', { body: { market: 'KRW-BTC', ...body } });
  return {
    url,
    wall,
    exchange,
    call,
    post,
    /** An order that has to be accepted, as it is afterwards. */
    async order(body: Body) {
      const created = await post(body);
      expect([created.status, created.json.state]).toEqual([201, 'wait']);
      return (await call('GET', '/v1/order', `uuid=${created.json.uuid}`)).json;
    },
    /** The order book as anybody sees it. */
    async units(): Promise<Unit[]> {
      return (await get(`${url}/v1/orderbook?markets=KRW-BTC`)).json[0].orderbook_units;
    },
    async balance(currency: string) {
      const accounts: { currency: string; balance: string; locked: string }[] = (await call('GET', '/v1/accounts'))
        .json;
      const found = accounts.find((one) => one.currency === currency);
      return [found?.balance ?? '0', found?.locked ?? '0'];
    },
  };
}

interface Trade {
  readonly price: string;
  readonly volume: string;
  readonly funds: string;
}
export const refusal = ({ status, json }: Answer) => [status, json.error.name];
export const prices = ({ trades }: { trades: Trade[] }) => trades.map(({ price }) => Number(price));
export const sum = (texts: readonly string[]) => texts.reduce((total, text) => total.plus(text), new Exact(0));
export const fundsOf = ({ trades }: { trades: Trade[] }) => sum(trades.map(({ funds }) => funds));
