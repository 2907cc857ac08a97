import { createServer, type Socket } from 'node:net';
import { linesOf } from './preload/lines-of.ts';
import type { Gated, Verdict, Visit } from './visit.ts';

/** Which visits are meant; what is left out may be anything. */
export interface Place {
  readonly when: Visit['when'];
  readonly of: Gated;
  readonly within?: Gated;
  readonly notWithin?: Gated;
  readonly detail?: string;
  /** Only an order nobody has begun to send: another attempt at one that was passes the same places. */
  readonly unsent?: boolean;
}

/** A process standing at a gate. */
export interface Held {
  readonly visit: Visit;
  /** When it came, epoch ms. */
  readonly at: number;
  /** To be called once, unless the process is killed. */
  let(verdict: Verdict): void;
}

/** What becomes of a visit; may take its time. */
export type Look = (visit: Visit) => Promise<Verdict> | undefined;

/** Where the traders of a bot ask at every gate. Whoever is not waited for goes on at once. */
export interface Gate {
  readonly port: number;
  /** How often each place was passed: `before createOrder`. */
  readonly passed: ReadonlyMap<string, number>;
  /** Holds the next one to come to the place. Undefined when none comes in time. */
  hold(place: Place, withinMs: number): Promise<Held | undefined>;
  /** Asked about every visit that nobody holds; without an answer it goes on at once. */
  watch(look: Look | undefined): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly place: Place;
  readonly take: (held: Held) => void;
}

export async function openGate(): Promise<Gate> {
  const waiting = new Set<Waiting>();
  const passed = new Map<string, number>();
  const begun = new Set<string>();
  const sockets = new Set<Socket>();
  let look: Look | undefined;

  const server = createServer((socket) => {
    sockets.add(socket);
    // A killed process resets its connection.
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const answer = (id: number, verdict: Verdict): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify({ id, verdict })}\n`);
    };
    linesOf(socket).on('line', (line) => {
      const { id, visit } = JSON.parse(line) as { id: number; visit: Visit };
      const name = `${visit.when} ${visit.of}`;
      passed.set(name, (passed.get(name) ?? 0) + 1);
      if (visit.of === 'moveOrder' && visit.detail === 'sending') begun.add(String(visit.order));
      const one = [...waiting].find(
        ({ place }) => isAt(visit, place) && !(place.unsent === true && begun.has(String(visit.order))),
      );
      if (one !== undefined) {
        waiting.delete(one);
        one.take({ visit, at: Date.now(), let: (verdict) => answer(id, verdict) });
        return;
      }
      const verdict = look?.(visit);
      if (verdict === undefined) answer(id, 'go');
      else verdict.then((told) => answer(id, told));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gate has no port');

  return {
    port: address.port,
    passed,
    async hold(place, withinMs) {
      const { promise, resolve } = Promise.withResolvers<Held | undefined>();
      const one: Waiting = { place, take: resolve };
      waiting.add(one);
      const timer = setTimeout(() => {
        waiting.delete(one);
        resolve(undefined);
      }, withinMs);
      const held = await promise;
      clearTimeout(timer);
      return held;
    },
    watch(next) {
      look = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isAt(visit: Visit, place: Place): boolean {
  return (
    visit.when === place.when &&
    visit.of === place.of &&
    (place.within === undefined || visit.within.includes(place.within)) &&
    (place.notWithin === undefined || !visit.within.includes(place.notWithin)) &&
    (place.detail === undefined || visit.detail === place.detail)
  );
}
