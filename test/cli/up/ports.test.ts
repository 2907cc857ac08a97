import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkPorts, freePort } from '../../../cli/up/ports.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function takePort(host: string): Promise<number> {
  const port = await freePort();
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return port;
}

test('free ports pass', async () => {
  const needs = [{ port: await freePort(), purpose: 'the paper exchange', setting: 'PAPER_PORT' }];

  await expect(checkPorts(needs)).resolves.toBeUndefined();
});

test.each(['127.0.0.1', '0.0.0.0'])(
  'a port taken on %s is named with its purpose, its holder and its setting',
  async (host) => {
    const port = await takePort(host);

    await expect(checkPorts([{ port, purpose: 'the Temporal server', setting: 'TEMPORAL_PORT' }])).rejects.toThrow(
      new RegExp(
        `^port ${port}, needed for the Temporal server, is in use by .*\\(pid ${process.pid}\\); ` +
          'stop that or choose another port with TEMPORAL_PORT$',
      ),
    );
  },
);

test('every fault is listed at once, two settings with one port among them', async () => {
  const [port, free] = [await takePort('127.0.0.1'), await freePort()];
  const needs = [
    { port, purpose: 'the Temporal server', setting: 'TEMPORAL_PORT' },
    { port: free, purpose: 'the paper exchange', setting: 'PAPER_PORT' },
    { port: free, purpose: 'the embedded PostgreSQL', setting: 'POSTGRES_PORT' },
  ];

  await expect(checkPorts(needs)).rejects.toThrow(
    new RegExp(`TEMPORAL_PORT\nPAPER_PORT and POSTGRES_PORT are both ${free}; give one of them another port$`),
  );
});
