import { percentile } from '../statistics.ts';
import type { Answer, Line } from './line.ts';
import type { LoadResult } from './load.ts';

/** A request as it goes over the wire, and the status it has to be answered with. */
export interface WireRequest {
  readonly bytes: Buffer;
  readonly expected: number;
}

/** Often enough that a request leaves at most so late, ms; being late counts as latency. */
const LOOK_MS = 1;

/**
 * Sends the requests in their order, each over the first line that is free.
 *
 * With `perSecond` each has an instant at which it is due, whether or not those before it are answered, and its latency
 * counts from there: what waits for a line because the exchange stood still is late as well, not left out.
 *
 * @throws when one is answered otherwise than expected.
 */
export async function drive(
  requests: readonly WireRequest[],
  lines: readonly Line[],
  perSecond?: number,
): Promise<Omit<LoadResult, 'created'>> {
  const latencies: number[] = [];
  const free = [...lines];
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const dueAt = (index: number): number => (perSecond === undefined ? 0 : began + (index * 1_000) / perSecond);
  let next = 0;

  await new Promise<void>((resolve, reject) => {
    const sendDue = (): void => {
      while (next < requests.length && free.length > 0 && dueAt(next) <= performance.now()) {
        const request = requests[next];
        const line = free.pop();
        if (request === undefined || line === undefined) return;
        send(request, line, perSecond === undefined ? performance.now() : dueAt(next));
        next += 1;
      }
    };
    const send = ({ bytes, expected }: WireRequest, line: Line, due: number): void => {
      line.send(bytes, (answer) => {
        latencies.push(performance.now() - due);
        free.push(line);
        if (answer.status !== expected) reject(new Error(unexpected(bytes, answer)));
        else if (latencies.length === requests.length) resolve();
        else sendDue();
      });
    };
    sendDue();
    if (perSecond === undefined) return;
    const timer = setInterval(() => {
      sendDue();
      if (next === requests.length) clearInterval(timer);
    }, LOOK_MS);
  });

  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    seconds,
    latency: {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      slowest: percentile(latencies, 1),
    },
    busy: (user + system) / 1_000_000 / seconds,
  };
}

function unexpected(bytes: Buffer, { status, text }: Answer): string {
  return `${bytes.toString('latin1').split(' HTTP')[0]} was answered ${status}: ${text.split('\r\n\r\n')[1]}`;
}
