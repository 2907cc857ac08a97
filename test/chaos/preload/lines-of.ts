import type { Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';

/** A connection that breaks off tells its lines' reader so too, and an error nobody listens to ends the process. */
export function linesOf(socket: Socket): Interface {
  return createInterface({ input: socket }).on('error', () => undefined);
}
