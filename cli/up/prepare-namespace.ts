import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { UserError } from '../../config/user-error.ts';
import { SEARCH_ATTRIBUTES } from './temporal-flags.ts';

// The wire's numbers; @temporalio/proto has them by name but is not a dependency of ours.
const VALUE_TYPES = { Keyword: 2, Datetime: 6 } as const;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;

/** A server tells its parts of a new namespace with a delay: at once on the dev server, up to 10 s on a cluster. */
const PATIENCE_MS = 20_000;

/**
 * Makes a server fit for the bot, embedded or not: the namespace exists and knows the search attributes. Doing it again
 * changes nothing. How long closed runs are kept is ours to say on our own server, and of a namespace we create; what
 * somebody else chose for theirs stays, because a shorter retention deletes their runs.
 *
 * @throws {UserError} when the server forbids what is missing or knows a search attribute by another type.
 */
export async function prepareNamespace(
  connection: Connection,
  wanted: { readonly namespace: string; readonly retentionMs: number; readonly ownServer: boolean },
): Promise<void> {
  const { namespace } = wanted;
  const retention = msToTs(wanted.retentionMs);
  const { workflowService } = connection;
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    if (wanted.ownServer && Number(config?.workflowExecutionRetentionTtl?.seconds) !== Number(retention.seconds)) {
      await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: retention } });
    }
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw notAllowed(error, `look after namespace ${namespace}`);
    const request = workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
    await ignoring(ALREADY_EXISTS, request, `create namespace ${namespace}`);
  }
  await addSearchAttributes(connection, namespace);
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let asked = false; ; await pause(100)) {
    const missing = await missingAttributes(connection, namespace, giveUpAt);
    if (missing === null) continue;
    if (Object.keys(missing).length === 0) return;
    if (performance.now() > giveUpAt) {
      throw new UserError(`the Temporal server took no search attributes ${Object.keys(missing).join(', ')} in 20 s`);
    }
    if (asked) continue;
    asked = true;
    const request = connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
    const names = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name}=${type}`);
    await ignoring(ALREADY_EXISTS, request, `add the search attributes ${names.join(', ')} to namespace ${namespace}`);
  }
}

/** `null` while the server has not heard of the namespace yet. */
async function missingAttributes(
  connection: Connection,
  namespace: string,
  giveUpAt: number,
): Promise<Record<string, number> | null> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing: Record<string, number> = {};
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
      const known = customAttributes?.[name];
      if (known === undefined) missing[name] = VALUE_TYPES[type];
      else if (known !== VALUE_TYPES[type]) {
        throw new UserError(
          `search attribute ${name} of namespace ${namespace} is not of type ${type}; use another one`,
        );
      }
    }
    return missing;
  } catch (error) {
    if (codeOf(error) === NOT_FOUND && performance.now() < giveUpAt) return null;
    throw error;
  }
}

async function ignoring(code: number, request: Promise<unknown>, what: string): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (codeOf(error) !== code) throw notAllowed(error, what);
  }
}

function codeOf(error: unknown): number | undefined {
  return isGrpcServiceError(error) ? error.code : undefined;
}

function notAllowed(error: unknown, what: string): unknown {
  if (!isGrpcServiceError(error)) return error;
  return new UserError(
    `the Temporal server does not let durabit ${what} (${error.details}); do that by hand, then start`,
  );
}
