import { describe, expect, it } from 'vitest';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import { askedOnce, onPaperOnly, requirePaperExchange } from '../../exchange/paper-proof.ts';
import type { OrderRequest, TradingExchange } from '../../exchange/port.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { BTC } from '../support/ledger.ts';
import { get, paperOptions, startForTest } from './paper/paper.ts';
import { serveForTest, startTunnel } from './tunnel.ts';

describe('an exchange on this machine', () => {
  it('that is the paper exchange says so in every answer, refusals included', async () => {
    const { url } = await startForTest();
    for (const path of ['/v1/market/all', '/v1/accounts', '/v1/nothing']) {
      expect((await get(`${url}${path}`)).headers.get('durabit-exchange'), path).toBe('paper');
    }
    await expect(requirePaperExchange(`${url}/`)).resolves.toBeUndefined();
  });

  it('that does not say so is refused, whatever it answers', async () => {
    const { url } = await startTunnel((await startForTest()).url);
    expect((await get(`${url}/v1/market/all`)).json).toHaveLength(1);

    const refused = requirePaperExchange(url.replace('//', '//me:hunter2@'));

    await expect(refused).rejects.toThrow(`${url} is not a paper exchange of durabit and may take real money`);
    await expect(refused).rejects.toMatchObject({ name: 'UserError', exitCode: 2 });
    await expect(refused).rejects.not.toThrow('hunter2');
  });

  it('that only sends on to a paper exchange is refused: orders would go to whatever it is pointed at next', async () => {
    const { url } = await startForTest();
    const forwarding = await serveForTest((_request, response) => response.writeHead(307, { location: url }).end());
    await expect(requirePaperExchange(forwarding)).rejects.toMatchObject({ name: 'UserError' });
  });

  it('that does not answer is neither', async () => {
    const exchange = await startForTest();
    await exchange.close();
    await expect(requirePaperExchange(exchange.url)).rejects.toMatchObject({ name: 'ExchangeUnavailable' });
  });
});

describe('an exchange that must be on paper', () => {
  it('is shown no key before the proof; after it nobody asks again', async () => {
    const { accessKey, secretKey } = paperOptions();
    const { url, signed } = await startTunnel((await startForTest()).url);
    let proofs = 0;
    let answer: 'down' | 'real' | 'paper' = 'down';
    const prove = askedOnce(async () => {
      proofs += 1;
      if (answer === 'down') throw new ExchangeUnavailable('down');
      if (answer === 'real') await requirePaperExchange(url);
    });
    const exchange = onPaperOnly(createUpbitClient({ baseUrl: url, keys: { accessKey, secretKey } }), prove);
    const identifier = 'not-there';
    const calls = [
      () => exchange.fetchBalances(),
      () => exchange.fetchOrderTerms(BTC),
      () => exchange.createOrder({ market: BTC, identifier, type: 'market', side: 'ask', volume: '1' }),
      () => exchange.fetchOrder({ identifier }),
      () => exchange.cancelOrder({ identifier }),
      () => exchange.fetchOpenOrders(),
      () => exchange.fetchClosedOrders({ from: 0, until: 1 }),
    ];

    for (const call of calls) await expect(call()).rejects.toThrow('down');
    answer = 'real';
    for (const call of calls) await expect(call()).rejects.toMatchObject({ name: 'UserError' });
    expect(await exchange.listMarkets()).toHaveLength(1);
    expect(signed).toEqual([]);

    answer = 'paper';
    const asked = proofs;
    await Promise.allSettled(calls.map((call) => call()));
    await Promise.allSettled(calls.map((call) => call()));
    expect(proofs).toBe(asked + 1);
    expect(signed).toHaveLength(2 * calls.length);
  });

  it('hands an order on with the time it has to leave', async () => {
    const sent: unknown[] = [];
    const createOrder = async (...given: unknown[]) => sent.push(given);
    const exchange = onPaperOnly({ createOrder } as unknown as TradingExchange, async () => undefined);
    await exchange.createOrder({ identifier: 'a' } as OrderRequest, 4711);
    expect(sent).toEqual([[{ identifier: 'a' }, 4711]]);
  });
});
