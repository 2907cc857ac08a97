import { once } from 'node:events';
import { connect } from 'node:net';
import { Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { type TemporalTarget, temporalTarget } from '../config/temporal-target.ts';
import { UserError } from '../config/user-error.ts';
import { type CommandContext, readyInstance, startCommand } from './context.ts';
import { targetOf } from './up/run-addresses.ts';

export interface TemporalSession {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
}

/**
 * Runs `work` with a client of the Temporal server the settings name, else of the running instance.
 *
 * @throws {UserError} when neither exists, the server does not answer, or refuses what `work` asks of it
 */
export async function withTemporal<T>(
  context: CommandContext,
  work: (session: TemporalSession) => Promise<T>,
): Promise<T> {
  const target = findTarget(context);
  if (await nobodyListens(target)) throw unreachable(target, 'connection refused');
  const connection = await connectTemporal(target);
  try {
    const { namespace, address } = target;
    return await work({ client: new Client({ connection, namespace }), address, namespace });
  } catch (error) {
    throw asUserError(error, target);
  } finally {
    await connection.close();
  }
}

function asUserError(error: unknown, { address }: TemporalTarget): unknown {
  if (error instanceof NamespaceNotFoundError) {
    return new UserError(
      `Temporal at ${address} has no namespace "${error.namespace}"; leave TEMPORAL_NAMESPACE unset for that of the ` +
        'running bot, or give the one it was started with',
    );
  }
  if (error instanceof ServiceError) return refused(address, error.cause?.message ?? error.message);
  return isGrpcServiceError(error) ? refused(address, error.details) : error;
}

function refused(address: string, why: string): UserError {
  return new UserError(`Temporal at ${address} refused: ${why}`);
}

function findTarget(context: CommandContext): TemporalTarget {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = context.settings;
  const instance = readyInstance(context);
  if (address === undefined && instance !== null) {
    return targetOf({ ...instance, ...(namespace === undefined ? {} : { temporalNamespace: namespace }) });
  }
  if (address === undefined) {
    throw new UserError(
      `no durabit is running on data directory ${context.dataDir} and TEMPORAL_ADDRESS is not set; start one with: ${startCommand(context.dataDir)}`,
    );
  }
  const named = temporalTarget(context.env);
  return { ...named, namespace: namespace ?? instance?.temporalNamespace ?? named.namespace };
}

/** Whether the system says so at once: gRPC would try again until its five seconds are over. */
async function nobodyListens({ address }: TemporalTarget): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), timeout: 1_000 });
  try {
    await Promise.race([once(socket, 'connect'), once(socket, 'timeout')]);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

function unreachable({ address }: TemporalTarget, why: string): UserError {
  return new UserError(`Temporal at ${address} cannot be reached (${why}). Is it running?`);
}

/** @throws {UserError} naming the address when nobody answers there within five seconds */
export async function connectTemporal(target: TemporalTarget): Promise<Connection> {
  try {
    return await Connection.connect({ ...target.connectionOptions, connectTimeout: '5s' });
  } catch (error) {
    throw unreachable(target, error instanceof Error ? error.message : String(error));
  }
}
