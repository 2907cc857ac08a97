import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { endpointOf } from '../../config/endpoint.ts';

/** The paper exchange's container, as the others reach it. */
export const PAPER_EXCHANGE = { host: 'exchange', port: 8787 } as const;

/** Where a container that trades finds it. */
const HERE = `http://127.0.0.1:${PAPER_EXCHANGE.port}`;

/** Opens the relay where the settings say that the exchange is the paper exchange beside us. */
export async function bringPaperExchangeHere(baseUrl: string | undefined = process.env.UPBIT_BASE_URL): Promise<void> {
  if (baseUrl !== undefined && URL.canParse(baseUrl) && endpointOf(baseUrl) === HERE) await openExchangeRelay();
}

/**
 * Brings the paper exchange of another container to 127.0.0.1 of this one, on the same port. Paper trading is refused
 * at every other address, so that paper orders never reach an exchange that may take real money; what answers here is
 * fixed in this file and by no setting. (Sharing a network namespace would do it too, but after a reboot the engine
 * may start the sharer first, fail, and never try again.)
 *
 * @returns the listening server; it keeps no process alive
 */
export async function openExchangeRelay(
  target: { readonly host: string; readonly port: number } = PAPER_EXCHANGE,
  port: number = PAPER_EXCHANGE.port,
): Promise<Server> {
  const server = createServer({ noDelay: true }, (near) => {
    joinSockets(near, connect({ ...target, noDelay: true }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server.unref();
}

/** Each end hears what the other says, and breaks when the other breaks: an exchange that is down must look so. */
export function joinSockets(near: Socket, far: Socket): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => to.destroy());
  }
}
