import type { FastifyReply } from 'fastify';

/** Marks JSON that was written by hand as such. */
export function asJson(reply: FastifyReply, json: string): string {
  reply.type('application/json; charset=utf-8');
  return json;
}
