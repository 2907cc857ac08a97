import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startPaperExchange } from '../../../../exchange/paper/server.ts';
import { FaultControl } from '../../../support/fault-control.ts';
import { paperOptions, signed, standingWall, startForTest, temporaryFolder } from '../paper.ts';
import { farBid, socketErrorOf } from './faulty.ts';

const PROGRAM = new URL('../killable-exchange.ts', import.meta.url).pathname;

const post = (url: string, identifier: string) =>
  signed(url, 'POST', '/v1/orders', { body: { ...farBid, price: '100000000', identifier } });

/** A paper exchange in a process of its own. */
async function startProcess(stateDir: string): Promise<{ child: ChildProcess; url: string; control: FaultControl }> {
  const child = spawn(process.execPath, [PROGRAM, stateDir, 'control'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = await once(child.stdout, 'data');
  const [url = '', controlUrl = ''] = String(line).trim().split(' ');
  return { child, url, control: new FaultControl(controlUrl) };
}

test('kill -9: a late order that had not come is lost whole, one that had is kept; requests are remembered', async () => {
  const stateDir = temporaryFolder();
  const first = await startProcess(stateDir);
  await first.control.add({ kind: 'accept-late', connection: 'closed', delay_ms: 100, next: 1 });
  await socketErrorOf(post(first.url, 'came'));
  await vi.waitFor(async () => expect((await first.control.ledger()).orders).toHaveLength(1));
  await first.control.add({ kind: 'accept-late', connection: 'closed', delay_ms: 60_000, next: 1 });
  await socketErrorOf(post(first.url, 'lost'));
  await first.control.add({ id: 'candles', kind: 'late-candle', late_ms: 5_000, probability: 0.5, seed: 1 });

  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const { control, url } = await startProcess(stateDir);

  const { orders, balances } = await control.ledger();
  expect(orders.map(({ identifier }) => identifier)).toEqual(['came']);
  expect(balances).toEqual([{ currency: 'KRW', balance: '9989995', locked: '10005' }]);
  expect((await control.requests()).map(({ identifier, outcome }) => [identifier, outcome])).toEqual([
    ['came', 'accepted'],
    ['lost', null],
  ]);
  expect((await control.rules()).map(({ id }) => id)).toEqual(['candles']);
  expect((await post(url, 'lost')).status).toBe(201);
  expect((await control.requests()).map(({ number }) => number)).toEqual([1, 2, 3]);
});

test('a clean stop waits for nobody, and what it lets go has no effect', async () => {
  const stateDir = temporaryFolder();
  const wallClock = standingWall().now;
  const first = await startPaperExchange(paperOptions({ stateDir, wallClock, controlPort: 0 }));
  const control = new FaultControl(first.controlUrl ?? '');
  await control.add({ kind: 'delay', when: 'before', delay_ms: 60_000, endpoint: 'POST /v1/orders', next: 1 });
  await control.add({ kind: 'accept-late', connection: 'closed', delay_ms: 60_000, next: 2 });
  const waiting = socketErrorOf(post(first.url, 'a'));
  await vi.waitFor(async () => expect(await control.requests()).toHaveLength(1));
  await socketErrorOf(post(first.url, 'b'));

  const begun = performance.now();
  await first.close();
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(await waiting).not.toBe('');

  const second = await startForTest({ stateDir, wallClock, controlPort: 0 });
  const after = new FaultControl(second.controlUrl ?? '');
  expect((await after.ledger()).orders).toEqual([]);
  expect((await after.requests()).map(({ identifier, outcome }) => [identifier, outcome])).toEqual([
    ['a', 'dropped'],
    ['b', 'dropped'],
  ]);
});
