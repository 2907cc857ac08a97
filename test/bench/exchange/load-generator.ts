/**
 * Sends load to an exchange, in a process of its own. By IPC: a job in, its result or its fault out, one after the
 * other. Lines and the account's orders go on from one job to the next.
 */
import { drive, type WireRequest } from './drive.ts';
import { type Line, openLine } from './line.ts';
import { type LoadJob, type LoadResult, MARKET } from './load.ts';
import { createOrderLoad, type OrderLoad } from './order-load.ts';

const CREATED = 201;
const lines: Line[] = [];
let orders: OrderLoad | undefined;

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ fault: error.stack }),
  );
});
process.on('disconnect', () => process.exit());

async function run(job: LoadJob): Promise<LoadResult> {
  const { port } = new URL(job.url);
  while (lines.length < job.lines) lines.push(await openLine(Number(port), endAll));
  const requests = job.kind === 'orders' ? await nextOrders(job) : candleRequests(job.requests);
  // What signing left behind must not be collected while the clock runs.
  globalThis.gc?.();
  const driven = await drive(requests, lines.slice(0, job.lines), job.perSecond);
  return { ...driven, created: requests.filter(({ expected }) => expected === CREATED).length };
}

async function nextOrders({ url, requests }: LoadJob): Promise<WireRequest[]> {
  const answer = await fetch(`${url}/v1/ticker?markets=${MARKET}`);
  const [ticker] = (await answer.json()) as [{ trade_price: number }];
  if (orders === undefined) {
    orders = createOrderLoad('load');
    await drive(await orders.stock(), lines);
  }
  return orders.next(requests, ticker.trade_price);
}

function candleRequests(count: number): WireRequest[] {
  const head = `GET /v1/candles/minutes/1?market=${MARKET}&count=3 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
  return Array.from({ length: count }, () => ({ bytes: Buffer.from(head), expected: 200 }));
}

/** A broken line: who waits for its answer would wait for ever. */
function endAll(error: Error): void {
  process.send?.({ fault: error.stack });
}
