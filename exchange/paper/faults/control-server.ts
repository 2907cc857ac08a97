import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { UserError } from '../../../config/user-error.ts';
import type { CreateRequest } from './request-log.ts';
import type { FaultReport } from './rule.ts';
import type { TrueLedger } from './true-ledger.ts';

/** What the control port gives access to. */
export interface Control {
  /** @throws {UserError} for a rule that cannot be. */
  addRule(rule: unknown): FaultReport;
  rules(): FaultReport[];
  removeRule(id: string): boolean;
  removeAllRules(): void;
  ledger(since: number, limit: number): TrueLedger;
  createRequests(since: number, limit: number): CreateRequest[];
  endpoints(): readonly AskedEndpoint[];
  clock(): ControlClock;
}

/** What may be called, as rules name it, and how many calls with signature and limit in order there were. */
export interface AskedEndpoint {
  readonly endpoint: string;
  readonly asked: number;
}

/** Times are ISO 8601, UTC. */
export interface ControlClock {
  readonly market_time: string;
  readonly wall_time: string;
  readonly speed: number;
}

const pageSchema = z.object({
  since: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
});

/**
 * Rules in, truth out. Whoever may run programs on this machine may use it, so it listens on loopback alone; a web page
 * in a browser here may not, whatever name it found for this address.
 */
export function createControlServer(control: Control): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true });

  app.addHook('onRequest', async (request, reply) => {
    const { host, origin, 'sec-fetch-site': site } = request.headers;
    const { localPort } = request.socket;
    const ours = [`127.0.0.1:${localPort}`, `localhost:${localPort}`].includes(host ?? '');
    if (ours && origin === undefined && site === undefined) return;
    await reply.code(403).send({ error: 'the control port answers programs on this machine, not web pages' });
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError) return reply.code(400).send({ error: z.prettifyError(error) });
    if (error instanceof UserError) return reply.code(400).send({ error: error.message });
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    return reply.code(status).send({ error: error instanceof Error ? error.message : String(error) });
  });

  app.post('/faults', (request, reply) => {
    reply.code(201);
    return control.addRule(request.body);
  });
  app.get('/faults', () => control.rules());
  app.delete('/faults', (_request, reply) => {
    control.removeAllRules();
    reply.code(204).send();
  });
  app.delete<{ Params: { id: string } }>('/faults/:id', ({ params: { id } }, reply) => {
    if (control.removeRule(id)) reply.code(204).send();
    else reply.code(404).send({ error: `there is no rule ${id}` });
  });
  app.get('/ledger', ({ query }) => {
    const { since, limit } = pageSchema.parse(query);
    return control.ledger(since, limit);
  });
  app.get('/requests', ({ query }) => {
    const { since, limit } = pageSchema.parse(query);
    return control.createRequests(since, limit);
  });
  app.get('/endpoints', () => control.endpoints());
  app.get('/clock', () => control.clock());
  return app;
}
