import { connect } from 'node:net';
import type { Verdict, Visit } from '../visit.ts';
import { linesOf } from './lines-of.ts';

/**
 * Asks the harness what becomes of a process at each gate. The harness may never answer, because it kills the one who
 * asks. When it is gone there is nobody to ask, and everything goes on.
 */
export function askGate(port: number): (visit: Visit) => Promise<Verdict> {
  const waiting = new Map<number, (verdict: Verdict) => void>();
  let asked = 0;
  let gone = false;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  // The bot must be able to end.
  socket.unref();
  socket.on('error', () => undefined);
  socket.on('close', () => {
    gone = true;
    for (const answer of waiting.values()) answer('go');
    waiting.clear();
  });
  linesOf(socket).on('line', (line) => {
    const { id, verdict } = JSON.parse(line) as { id: number; verdict: Verdict };
    waiting.get(id)?.(verdict);
    waiting.delete(id);
  });
  return (visit) => {
    if (gone) return Promise.resolve('go');
    asked += 1;
    const id = asked;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      socket.write(`${JSON.stringify({ id, visit })}\n`);
    });
  };
}
