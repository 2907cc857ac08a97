import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { signed, temporaryFolder } from '../paper.ts';
import { buySome, findLimit, firstReaching, orderOf, place, startChain } from './chain.ts';

const PROGRAM = new URL('../killable-exchange.ts', import.meta.url).pathname;
const SECOND = 1_000;
/** Slow enough for what has to be done before the market moves, on a busy machine too. */
const SPEED = 20;

async function start(
  stateDir: string,
  source: string,
  ...asked: string[]
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [PROGRAM, stateDir, source, String(SPEED), ...asked], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = await once(child.stdout, 'data');
  return { child, url: String(line).trim() };
}

it('after kill -9 an answered order is there, and is filled by what the source traded meanwhile', async () => {
  const { upbit, way } = await startChain({ source: { speed: SPEED } });
  const stateDir = temporaryFolder();
  const first = await start(stateDir, way.url);
  await buySome(first.url);
  const limit = await findLimit(upbit, 60 * SECOND, 60 * SECOND);
  const made = await place(first.url, { ...limit, identifier: 'waits' });
  const far = await place(first.url, { side: 'bid', price: '100000000', identifier: 'far' });
  expect([made.status, far.status]).toEqual([201, 201]);
  const killedAt = upbit.marketTime();
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const reaching = firstReaching(limit, killedAt);
  await expect.poll(() => upbit.marketTime() - (reaching?.at ?? 0), { timeout: 10_000 }).toBeGreaterThan(0);

  const second = await start(stateDir, way.url);

  await expect.poll(async () => (await orderOf(second.url, 'waits')).state, { timeout: 10_000 }).toBe('done');
  const { trades } = await orderOf(second.url, 'waits');
  expect(trades).toHaveLength(1);
  expect(Date.parse(trades[0].created_at)).toBe(Math.floor((reaching?.at ?? 0) / SECOND) * SECOND);
  expect((await orderOf(second.url, 'far')).state).toBe('wait');
}, 60_000);

it('orders that are over leave memory here too, and are there after kill -9', async () => {
  const { way } = await startChain({ source: { speed: SPEED } });
  const stateDir = temporaryFolder();
  const first = await start(stateDir, way.url, 'forgetful');
  const identifiers = Array.from({ length: 8 }, (_, index) => `over-${index}`);
  for (const identifier of identifiers) {
    await place(first.url, { side: 'bid', price: '100000000', identifier });
    await signed(first.url, 'DELETE', '/v1/order', { query: `identifier=${identifier}` });
  }
  await expect.poll(() => existsSync(join(stateDir, 'orders.sqlite'))).toBe(true);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await start(stateDir, way.url, 'forgetful');

  for (const identifier of identifiers) expect((await orderOf(second.url, identifier)).state).toBe('cancel');
  const again = await place(second.url, { side: 'bid', price: '100000000', identifier: 'over-0' });
  expect(again.json.error.name).toBe('duplicated_identifier');
}, 60_000);
