import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { ordersSince } from '../../../../exchange/paper/known-orders.ts';
import { openLedgerStore } from '../../../../exchange/paper/state/ledger-store.ts';
import { temporaryFolder } from '../paper.ts';
import { seeAccount, totalsOf } from './account.ts';
import { faultOf, orderMadeBy } from './judge.ts';
import { RawClient } from './raw-client.ts';
import type { FuzzRequest } from './request.ts';
import { requestAt } from './requests.ts';

/** How many requests, half of them from a seed that is always the same, half from one that never is. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 2_000);
/** Sends the requests of this seed alone: what a failure prints. */
const { FUZZ_SEED: given } = process.env;
const seeds = given === undefined ? [20_261_123, Math.trunc(Math.random() * 2 ** 31)] : [Number(given)];

const PROGRAM = new URL('../killable-exchange.ts', import.meta.url).pathname;

async function start(stateDir: string): Promise<{ child: ChildProcess; client: RawClient }> {
  const child = spawn(process.execPath, [PROGRAM, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = await once(child.stdout, 'data');
  const client = new RawClient(Number(new URL(String(line).trim()).port));
  onTestFinished(() => client.close());
  return { child, client };
}

function shown(seed: number, index: number, request: FuzzRequest, answer: string): string {
  return [
    `request ${index} of seed ${seed}, ${request.what} (again: FUZZ_SEED=${seed} FUZZ_REQUESTS=${index + 1})`,
    `sent: ${JSON.stringify(request.bytes.toString('latin1', 0, 2_000))}`,
    `answered: ${answer}`,
  ].join('\n');
}

test.for(seeds)(
  'whatever is sent is answered in kind, and nothing is lost or made of it, kill -9 included, seed %i',
  { timeout: 7_200_000 },
  async (seed) => {
    const count = Math.ceil(REQUESTS / seeds.length);
    const stateDir = temporaryFolder();
    const { child, client } = await start(stateDir);
    const created = new Map<string, string>();
    const met = new Map<string, number>();
    const began = performance.now();

    for (let index = 0; index < count; index += 1) {
      const request = requestAt(seed, index);
      const answer = await client.send(request).catch((error: Error) => {
        throw new Error(shown(seed, index, request, error.message));
      });
      const fault = faultOf(request, answer);
      if (fault !== undefined) {
        const { status, body } = answer ?? {};
        expect.fail(`${fault}\n${shown(seed, index, request, `${status} ${body?.slice(0, 500)}`)}`);
      }
      const kind = `${request.what}: ${answer?.status ?? 'none'}`;
      met.set(kind, (met.get(kind) ?? 0) + 1);
      const made = orderMadeBy(request, answer);
      if (made === undefined) continue;
      expect(created.has(made.uuid), `${made.uuid} was given to two orders`).toBe(false);
      created.set(made.uuid, made.identifier);
    }
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(
      `${count} requests of seed ${seed} in ${seconds} s, ${created.size} orders:`,
      Object.fromEntries([...met].sort()),
    );
    expect(created.size).toBeGreaterThan(count / 50);

    const before = await seeAccount(client, created.keys());
    expect(before.totals).toEqual(totalsOf(before.orders.values()));
    for (const [uuid, identifier] of created) expect(before.orders.get(uuid)?.identifier ?? '').toBe(identifier);

    client.close();
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
    // No refused request made an order.
    const store = openLedgerStore(stateDir, () => {});
    const made = ordersSince(store.ledger, store.archive, 0, Number.POSITIVE_INFINITY).map(({ uuid }) => uuid);
    expect(made.sort()).toEqual([...created.keys()].sort());
    await store.close(store.knownUntil ?? 0);

    const again = await start(stateDir);
    const after = await seeAccount(again.client, created.keys());
    expect(after.totals).toEqual(totalsOf(after.orders.values()));
    for (const [uuid, order] of before.orders) {
      if (order.state !== 'wait') expect(after.orders.get(uuid)).toEqual(order);
    }
    again.client.close();
  },
);
