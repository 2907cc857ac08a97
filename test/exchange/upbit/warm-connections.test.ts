import type { RequestListener } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { CERTIFICATE, orderOf, secureExchange } from './secure-exchange.ts';

const trusted = getCACertificates('default');

beforeAll(() => setDefaultCACertificates([...trusted, CERTIFICATE.cert]));
afterAll(() => setDefaultCACertificates(trusted));
afterEach(() => {
  vi.useRealTimers();
});

async function exchange(answer?: RequestListener) {
  const opened = await secureExchange(answer);
  onTestFinished(opened.close);
  return opened;
}

/** From here on only `pass` lets the client's time-outs go by. */
function timeStands() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  return {
    async pass(seconds: number): Promise<void> {
      // A client has the answer a little before its connection counts as unused.
      for (let turns = 0; turns < 5; turns += 1) await nextTurn();
      vi.advanceTimersByTime(seconds * 1_000);
      await nextTurn();
    },
  };
}

it('five candles, of which some come late, cost one handshake, and it is over before the first of them', async () => {
  const { client, seen } = await exchange();
  const { pass } = timeStands();

  for (const late of [0.1, 2, 24, 8, 0.5]) {
    await client.fetchBalances();
    await pass(1 + late);
    await client.createOrder(orderOf(`late-by-${late}`));
    await pass(60 - 1 - late);
  }

  expect(seen.arrived).toHaveLength(10);
  expect(seen.handshakes).toBe(1);
});

it('several markets at once find as many connections as the look before the close has opened', async () => {
  const { client, seen } = await exchange();
  const { pass } = timeStands();
  const together = (ask: (name: string) => Promise<unknown>) => Promise.all(['a', 'b', 'c'].map(ask));

  await together(() => client.fetchBalances());
  const opened = seen.handshakes;
  for (const minute of [1, 2, 3]) {
    await pass(2);
    await together((name) => client.createOrder(orderOf(`${name}-${minute}`)));
    await pass(57);
    await together(() => client.fetchBalances());
  }

  expect([opened, seen.handshakes]).toEqual([3, 3]);
});

it('a connection that was of no use for a minute and a half is given up', async () => {
  const { client, seen } = await exchange();
  const { pass } = timeStands();

  await client.fetchBalances();
  await pass(89);
  await client.fetchBalances();
  expect(seen.handshakes).toBe(1);
  await pass(91);
  await client.fetchBalances();
  expect(seen.handshakes).toBe(2);
});

it('where the exchange says how long it keeps a connection, none is used up to the last moment', async () => {
  const { client, seen } = await exchange((_, response) =>
    response.writeHead(200, { connection: 'keep-alive', 'keep-alive': 'timeout=30' }).end('[]'),
  );
  const { pass } = timeStands();

  await client.fetchBalances();
  await pass(27);
  await client.fetchBalances();
  expect(seen.handshakes).toBe(1);
  await pass(29);
  await client.fetchBalances();
  expect(seen.handshakes).toBe(2);
});

it('an order goes out once, on a new connection, where the exchange has closed the one that was kept', async () => {
  const { client, seen, server } = await exchange();
  await client.fetchBalances();
  server.closeIdleConnections();
  await expect.poll(() => seen.lines.size).toBe(0);

  await client.createOrder(orderOf('once'));

  expect(seen.handshakes).toBe(2);
  expect(seen.arrived).toEqual(['GET /v1/accounts', 'POST /v1/orders once']);
});

it('an order that arrives on a kept connection which then breaks may be there, and is not sent again', async () => {
  const { client, seen } = await exchange((request, response) => {
    if (request.method === 'POST') request.socket.destroy();
    else response.writeHead(200).end('[]');
  });
  await client.fetchBalances();

  await expect(client.createOrder(orderOf('broken'))).rejects.toMatchObject({ name: 'AmbiguousSubmission' });

  // Whatever would send it again needs a connection.
  await client.fetchBalances();
  expect(seen.arrived).toEqual(['GET /v1/accounts', 'POST /v1/orders broken', 'GET /v1/accounts']);
});

it('no order arrives twice, and none that arrived is called unsent, whenever its kept connection is reset', async () => {
  const told = new Map<string, number>();
  const { client, seen } = await exchange();
  for (let round = 0; round < 60; round += 1) {
    const identifier = `round-${round}`;
    await client.fetchBalances();
    const [line] = seen.lines;
    const reset = sleep(round / 15).then(() => line?.resetAndDestroy());

    const outcome = await client.createOrder(orderOf(identifier)).then(
      () => 'accepted',
      (error: Error) => error.name,
    );

    await reset;
    const times = seen.arrived.filter((request) => request.endsWith(` ${identifier}`)).length;
    const possible = { accepted: [1], AmbiguousSubmission: [0, 1], NotSent: [0] }[outcome];
    expect(possible, `${outcome}, and it arrived ${times} times`).toContain(times);
    told.set(outcome, (told.get(outcome) ?? 0) + 1);
  }
  expect([...told.keys()]).toEqual(expect.arrayContaining(['accepted', 'AmbiguousSubmission']));
});

it('an exchange whose certificate nobody vouches for is shown no order', async () => {
  const { client, seen } = await exchange();
  setDefaultCACertificates(trusted);
  onTestFinished(() => setDefaultCACertificates([...trusted, CERTIFICATE.cert]));

  await expect(client.createOrder(orderOf('stranger'))).rejects.toMatchObject({ name: 'AmbiguousSubmission' });

  expect(seen.arrived).toEqual([]);
});
