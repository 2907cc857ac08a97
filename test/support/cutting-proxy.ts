import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { hashAt, hashText } from '../../exchange/numbers/noise.ts';
import { joinSockets } from '../../ops/compose/exchange-relay.ts';

/** A way to an exchange on which every WebSocket line breaks sooner or later, and nothing else does. */
export interface CuttingProxy {
  readonly url: string;
  /** Lines that were broken so far. */
  cuts(): number;
  close(): void;
}

export interface Cutting {
  /** The same seed, the same fates, by the order in which lines are opened. */
  readonly seed: number;
  /** A line lives no longer than this, ms. */
  readonly longestMs: number;
}

const STREAM = { fate: 0, life: 1 } as const;
/** How many lines of a hundred break in their handshake, and how many stand still for a while before they break. */
const [BROKEN_AT_ONCE, SILENT_FIRST] = [15, 25];

/** Brings an exchange on this machine to another port of it. */
export async function startCuttingProxy(exchangePort: number, { seed, longestMs }: Cutting): Promise<CuttingProxy> {
  const generator = hashText(`cuts/${seed}`);
  const open = new Set<Socket>();
  let lines = 0;
  let cuts = 0;

  const server = createServer({ noDelay: true }, (near) => {
    open.add(near);
    near.on('close', () => open.delete(near));
    near.on('error', () => near.destroy());
    near.once('data', (head) => {
      const far = connect({ host: '127.0.0.1', port: exchangePort, noDelay: true });
      far.write(head);
      joinSockets(near, far);
      if (/\r\nupgrade: websocket\r\n/i.test(head.toString('latin1'))) breakInTime(near, far);
    });
  });

  function breakInTime(near: Socket, far: Socket): void {
    const line = lines;
    lines += 1;
    const fate = hashAt(generator, STREAM.fate, line) % 100;
    const livesMs = fate < BROKEN_AT_ONCE ? 0 : 1 + (hashAt(generator, STREAM.life, line) % longestMs);
    const cut = (): void => {
      if (near.destroyed) return;
      cuts += 1;
      near.resetAndDestroy();
    };
    const fallSilent = (): void => {
      far.unpipe(near);
      near.unpipe(far);
      setTimeout(cut, longestMs).unref();
    };
    const isSilentFirst = fate >= BROKEN_AT_ONCE && fate < BROKEN_AT_ONCE + SILENT_FIRST;
    setTimeout(isSilentFirst ? fallSilent : cut, livesMs).unref();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
