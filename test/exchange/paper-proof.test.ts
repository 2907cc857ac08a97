import { describe, expect, it } from 'vitest';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import { onPaperOnly, requirePaperExchange } from '../../exchange/paper-proof.ts';
import { get, startForTest } from './paper/paper.ts';
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

it('no order is sent before the proof; after it nobody asks again', async () => {
  const log: string[] = [];
  const exchange = onPaperOnly(
    { createOrder: async (order: { readonly identifier: string }) => log.push(`order ${order.identifier}`) } as never,
    async () => {
      log.push('proof');
      if (log.length === 1) throw new ExchangeUnavailable('down');
    },
  ) as unknown as { createOrder(order: { identifier: string }): Promise<unknown> };

  await expect(exchange.createOrder({ identifier: 'a' })).rejects.toThrow('down');
  await exchange.createOrder({ identifier: 'a' });
  await exchange.createOrder({ identifier: 'b' });

  expect(log).toEqual(['proof', 'proof', 'order a', 'order b']);
});
