import { Context } from '@temporalio/activity';

const told = new WeakMap<Context, unknown>();

/** Tells the server how far the running activity is. The worker's own signs of life repeat it from then on. */
export function tellProgress(details: unknown): void {
  const context = Context.current();
  told.set(context, details);
  context.heartbeat(details);
}

/**
 * What an activity told last, else what its attempt before did: a heartbeat without it would make the server forget it,
 * and the next attempt start anew.
 */
export function lastProgress(context: Context): unknown {
  return told.has(context) ? told.get(context) : context.info?.heartbeatDetails;
}
