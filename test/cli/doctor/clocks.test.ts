import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readMachineAhead, readTemporalAhead, temporalClockFault } from '../../../cli/doctor/clocks.ts';
import { NAMESPACE } from '../../../cli/up/temporal-flags.ts';
import { startForTest } from '../../exchange/paper/paper.ts';
import { temporalAddress } from '../../support/temporal.ts';

afterEach(() => {
  vi.useRealTimers();
});

let client: Client;
beforeAll(async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  client = new Client({ connection, namespace: NAMESPACE });
  return () => connection.close();
});

/** Sets this machine's clock, which goes on from there. Seen from it, the server's is off by as much the other way. */
function setMachineAhead(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms, shouldAdvanceTime: true, advanceTimeDelta: 5 });
}

/** An exchange that is not on paper, by its `Date` header. */
async function startExchange(aheadMs: number): Promise<string> {
  const server = createServer((_, answer) => {
    const date = new Date(performance.timeOrigin + performance.now() + aheadMs).toUTCString();
    answer.writeHead(200, { 'content-type': 'application/json', date }).end('[]');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the clock of the Temporal server', () => {
  it('is read to the time that asking for it takes', async () => {
    expect(await readTemporalAhead(client)).toBe(0);
    setMachineAhead(-90_000);
    const began = performance.now();
    const ahead = await readTemporalAhead(client);
    const took = performance.now() - began;
    expect(Math.abs(ahead - 90_000)).toBeLessThan(took + 20);
  });

  it.each([
    [-90_000, /(89|90)\.\d s ahead of the exchange's/],
    [90_000, /(89|90)\.\d s behind the exchange's/],
    [1_600, /1.[1-6] s behind the exchange's/],
  ])('is a fault where a paper exchange on a machine %i ms off would disagree', async (ms, words) => {
    const { url } = await startForTest();
    setMachineAhead(ms);
    expect(await temporalClockFault(client, url)).toMatch(words);
  });

  it('is none within a second', async () => {
    const { url } = await startForTest();
    setMachineAhead(700);
    expect(await temporalClockFault(client, url)).toBeNull();
  });
});

describe('an exchange that is not on paper', () => {
  it.each([90_000, 0, -90_000])('%i ms ahead is what counts, and not this machine', async (aheadMs) => {
    const exchangeUrl = await startExchange(aheadMs);

    expect(Math.abs((await readMachineAhead(exchangeUrl)) + aheadMs)).toBeLessThan(400);
    const said = await temporalClockFault(client, exchangeUrl);

    if (aheadMs === 0) expect(said).toBeNull();
    else expect(said).toMatch(aheadMs > 0 ? /clock is (89|90)\.\d s behind/ : /clock is (89|90)\.\d s ahead of/);
  });
});
