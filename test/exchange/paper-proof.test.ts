import { describe, expect, it } from 'vitest';
import { UserError } from '../../config/user-error.ts';
import { ExchangeUnavailable } from '../../exchange/errors.ts';
import type { AccountNews } from '../../exchange/live-port.ts';
import { askedOnce, onceOnPaper, onPaperOnly, requirePaperExchange } from '../../exchange/paper-proof.ts';
import type { OrderRequest, TradingExchange } from '../../exchange/port.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { BTC } from '../support/ledger.ts';
import { toldLines } from '../support/told-lines.ts';
import { get, paperOptions, startForTest } from './paper/paper.ts';
import { serveForTest, startTunnel } from './tunnel.ts';
import { standingTime } from './upbit/stream/scripted-lines.ts';

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

describe('the stream of an account', () => {
  const offline = { kind: 'offline', reason: 'down', retryInMs: 5_000 };

  it('is opened once the exchange has proven to be on paper, which is asked again until it answers', async () => {
    const { pass } = standingTime();
    const { account, listeningToAccount, closed } = toldLines();
    const heard: AccountNews[] = [];
    let answers = false;
    const line = onceOnPaper(account, async () => {
      if (!answers) throw new ExchangeUnavailable('down');
    }).watchAccount((news) => heard.push(news));
    await pass(5_000);
    expect([heard, listeningToAccount()]).toEqual([[offline, offline], 0]);

    answers = true;
    await pass(5_000);
    expect(listeningToAccount()).toBe(1);
    await line.close();
    expect(closed.lines).toBe(1);
  });

  it('is never opened at an exchange that turns out not to be on paper', async () => {
    const { pass, timers } = standingTime();
    const { account, listeningToAccount } = toldLines();
    const heard: AccountNews[] = [];
    const real = new UserError('may take real money', 2);
    onceOnPaper(account, () => Promise.reject(real)).watchAccount((news) => heard.push(news));
    await pass(60_000);
    expect([heard, listeningToAccount(), timers()]).toEqual([[{ kind: 'stopped', error: real }], 0, 0]);
  });

  it('is not opened any more, and nothing is told, once it is closed', async () => {
    const { pass, timers } = standingTime();
    const { account, listeningToAccount } = toldLines();
    for (const answer of [() => Promise.resolve(), () => Promise.reject(new ExchangeUnavailable('down'))]) {
      const line = onceOnPaper(account, answer).watchAccount(() => expect.unreachable());
      await line.close();
    }
    await pass(60_000);
    expect([listeningToAccount(), timers()]).toEqual([0, 0]);
  });
});
