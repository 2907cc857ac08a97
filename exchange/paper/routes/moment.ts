import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpDate } from '../wire/times.ts';

/** Makes an instant (epoch ms of market time) that of a request: its answer is as of then, and dated so. */
export function takeMoment(request: FastifyRequest, reply: FastifyReply, now: number): void {
  request.marketTime = now;
  reply.header('date', httpDate(now));
}
