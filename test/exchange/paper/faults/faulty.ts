import type { PaperExchangeOptions } from '../../../../exchange/paper/server.ts';
import { FaultControl } from '../../../support/fault-control.ts';
import { type Answer, signed, standingWall, startForTest, tokenFor } from '../paper.ts';

/** The fixture trades near 150,000,000: this bid rests. */
export const farBid = { market: 'KRW-BTC', side: 'bid', volume: '0.0001', price: '140000000', ord_type: 'limit' };

/** An exchange with a control port, and a market clock that stands until it is moved. */
export async function openFaulty(overrides: Partial<PaperExchangeOptions> = {}) {
  const wall = standingWall();
  const exchange = await startForTest({ wallClock: wall.now, controlPort: 0, ...overrides });
  const { url, controlUrl = '' } = exchange;
  const control = new FaultControl(controlUrl);
  return {
    exchange,
    url,
    wall,
    control,
    controlUrl,
    call: (method: string, path: string, query = ''): Promise<Answer> => signed(url, method, path, { query }),
    post: (identifier: string): Promise<Answer> =>
      signed(url, 'POST', '/v1/orders', { body: { ...farBid, identifier } }),
    /** The request as it is, whatever comes back. */
    rawPost: async (identifier: string, signal?: AbortSignal): Promise<Response> => {
      const body = { ...farBid, identifier };
      return fetch(`${url}/v1/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await tokenFor({ body })}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: signal ?? null,
      });
    },
    identifiers: async () => (await control.ledger()).orders.map(({ identifier }) => identifier),
    outcomes: async () =>
      (await control.requests()).map(({ identifier, outcome, error }) => [identifier, outcome, error]),
  };
}

/** The code of the socket error under a failed fetch. */
export async function socketErrorOf(failing: Promise<unknown>): Promise<string> {
  try {
    await failing;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return cause?.code ?? String(error);
  }
  throw new Error('the request was answered');
}
