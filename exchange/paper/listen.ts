import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { UserError } from '../../config/user-error.ts';

const UNUSABLE_PORT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'needs more rights',
  EADDRNOTAVAIL: 'is not of this machine',
};

/**
 * Opens a port of the paper exchange; 0 takes any free one.
 *
 * @param option what sets it on the command line.
 * @returns the port it got.
 * @throws {UserError} when the port cannot be used.
 */
export async function listenOn(
  app: FastifyInstance,
  { port, host, name, option }: { port: number; host: string; name: string; option: string },
): Promise<number> {
  await app.listen({ port, host }).catch((error: NodeJS.ErrnoException) => {
    const reason = UNUSABLE_PORT[error.code ?? ''];
    if (reason === undefined) throw error;
    throw new UserError(`the paper exchange's ${name} ${port} on ${host} ${reason}; choose another with ${option}`);
  });
  return (app.server.address() as AddressInfo).port;
}
