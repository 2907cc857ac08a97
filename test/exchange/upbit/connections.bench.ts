/**
 * Prints how long an order's answer takes on a connection that was kept and on a new one, over TLS 1.3, by how far away the
 * exchange is: `node test/exchange/upbit/connections.bench.ts`
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { CERTIFICATE, clientAt, orderOf, secureExchange } from './secure-exchange.ts';

const ROUNDS = 60;

setDefaultCACertificates([...getCACertificates('default'), CERTIFICATE.cert]);
const exchange = await secureExchange();
for (const roundTripMs of [0, 10, 50, 250]) {
  const line = await distantLine(exchange.port, roundTripMs);
  const client = clientAt(line.port);
  const took: Record<'kept' | 'new', number[]> = { kept: [], new: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    line.cut();
    await sleep(20);
    for (const kind of ['new', 'kept'] as const) {
      const began = performance.now();
      await client.createOrder(orderOf(`${kind}-${round}`));
      took[kind].push(performance.now() - began);
    }
  }
  line.close();
  const [kept, fresh] = [took.kept, took.new].map((all) => all.sort((a, b) => a - b));
  const shown = (all: number[] = [], share: number) => `${all[Math.floor(all.length * share)]?.toFixed(1)} ms`;
  process.stdout.write(
    `${roundTripMs} ms away: kept ${shown(kept, 0.5)} (p95 ${shown(kept, 0.95)}), new ${shown(fresh, 0.5)} (p95 ${shown(fresh, 0.95)})\n`,
  );
}
exchange.close();

/** A way to `target` and back that takes `roundTripMs`; a connection is made on it in one round trip too, as TCP does. */
async function distantLine(target: number, roundTripMs: number) {
  const ends = new Set<Socket>();
  const later = (ms: number, from: Socket, to: Socket) => {
    const since = performance.now();
    from.on('data', (data) => {
      const waitMs = roundTripMs / 2 + Math.max(0, since + ms - performance.now());
      if (roundTripMs === 0) to.write(data);
      else setTimeout(() => to.write(data), waitMs);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
    ends.add(from);
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
    later(roundTripMs, near, far);
    later(0, far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const end of ends) end.destroy();
    ends.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close(): void {
      cut();
      server.close();
    },
  };
}
