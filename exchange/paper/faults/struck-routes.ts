import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Exchange } from '../exchange.ts';
import { takeMoment } from '../routes/moment.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { httpDate } from '../wire/times.ts';
import { askedMarkets } from './asked-markets.ts';
import { cutOff, garbage, type Outcome, resetConnection, serverError, unserved } from './bad-answers.ts';
import { fillInsteadOfReplacing } from './filled-first.ts';
import type { LedgerHistory } from './ledger-history.ts';
import { endpointOf, wantedIdentifier } from './request-fields.ts';
import type { RequestLog, Settlement } from './request-log.ts';
import type { RequestRules, Struck } from './request-rules.ts';
import type { RequestRule } from './rule.ts';
import { refusal, watchCreates } from './watched-creates.ts';

export interface StruckRoutesParts {
  readonly exchange: Exchange;
  readonly rules: RequestRules;
  readonly requests: RequestLog;
  readonly history: LedgerHistory;
  readonly speed: number;
  /** Market time, epoch ms. */
  readonly now: () => number;
  /** Wall time, epoch ms. */
  readonly wallClock: () => number;
  /** Aborted when the exchange stops: who waits is let go, and what had no effect yet never has one. */
  readonly stopping: AbortSignal;
}

/**
 * Lets rules strike every route declared after this call: requests that would be served, signature and limit being in
 * order. What is served goes the ordinary way; rules decide when, whether, and what the client hears of it.
 *
 * @returns the endpoints there are, complete once all routes are declared, and how often each was asked.
 */
export function strikeRoutes(app: FastifyInstance, parts: StruckRoutesParts): ReadonlyMap<string, number> {
  const { exchange, rules, stopping } = parts;
  const endpoints = new Map<string, number>();
  const creates = watchCreates(app, parts.requests, parts.wallClock);

  app.addHook('onRoute', (route) => {
    if (route.method === 'HEAD') return;
    const endpoint = `${route.method} ${route.url}`;
    endpoints.set(endpoint, 0);
    const serve = route.handler;
    route.handler = async function (request, reply) {
      endpoints.set(endpoint, (endpoints.get(endpoint) ?? 0) + 1);
      const struck = rules.strike(endpointOf(request), () => askedMarkets(request, exchange));
      const ids = [...struck.values()].map(({ id }) => id);
      const settle = creates.begin(request, ids);
      await delayEffect(struck, request, reply, parts);
      if (stopping.aborted) {
        settle(dropped('the exchange stopped'));
        if (!reply.sent) resetConnection(request, reply);
        return undefined;
      }
      shiftView(struck, request, reply, parts);

      const instead = struck.get('instead');
      const outcome =
        instead === undefined
          ? await outcomeOf(() => serve.call(this, request, reply))
          : await insteadOf(instead, exchange, request, reply);
      settle(settlementOf(outcome, instead));
      const { kept } = exchange;
      return answer(outcome, struck.get('wait-after'), struck.get('answer'), { request, reply, stopping, kept });
    };
  });
  return endpoints;
}

async function delayEffect(struck: Struck, request: FastifyRequest, reply: FastifyReply, parts: StruckRoutesParts) {
  const wait = struck.get('wait');
  const late = struck.get('late');
  if (late?.kind === 'accept-late' && late.connection === 'closed') resetConnection(request, reply);
  let waitMs = 0;
  if (wait?.kind === 'delay') waitMs += wait.delay_ms;
  if (late?.kind === 'accept-late') waitMs += late.delay_ms;
  if (waitMs === 0) return;
  await pause(waitMs, parts.stopping);
  if (parts.stopping.aborted) return;
  takeMoment(request, reply, parts.now());
  parts.exchange.advance(request.marketTime);
}

/** Sets back what the answer is made from, and forward or back how it is dated. */
function shiftView(struck: Struck, request: FastifyRequest, reply: FastifyReply, parts: StruckRoutesParts): void {
  const lag = struck.get('lag');
  if (lag?.kind === 'read-lag') {
    request.ledger = parts.history.asOf(request.marketTime - lag.lag_ms * parts.speed);
  }
  const date = struck.get('date');
  if (date?.kind === 'clock-skew') reply.header('date', httpDate(request.marketTime + date.skew_ms));
}

async function insteadOf(
  rule: RequestRule,
  exchange: Exchange,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Outcome> {
  if (rule.kind === 'filled-first') return outcomeOf(() => fillInsteadOfReplacing(exchange, request, reply));
  if (rule.kind === 'burned-identifier') {
    const unusable = exchange.refuse(wantedIdentifier(request), request.marketTime);
    const { name, message } = unusable ?? { name: rule.error, message: 'This order was refused.' };
    return { error: new ExchangeError(400, name, message) };
  }
  if (rule.kind !== 'reset') return unserved(rule, reply);
  resetConnection(request, reply);
  return { payload: undefined };
}

interface Answering {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly stopping: AbortSignal;
  readonly kept: Exchange['kept'];
}

/** What the client hears, if anything. */
async function answer(
  outcome: Outcome,
  wait: RequestRule | undefined,
  rule: RequestRule | undefined,
  { request, reply, stopping, kept }: Answering,
): Promise<unknown> {
  if (wait?.kind === 'delay') await pause(wait.delay_ms, stopping);
  // These go past the place where answers wait for the disk. Half an answer may tell as much as a whole one, and what comes
  // after an effect comes after all of it.
  if (rule?.kind === 'reset' || rule?.kind === 'truncated') await kept();
  if (rule?.kind === 'reset') resetConnection(request, reply);
  if (rule?.kind === 'truncated') cutOff(outcome, request, reply);
  // Nobody is there to be told, which for a late acceptance includes a refusal.
  if (reply.sent) return undefined;
  if (rule?.kind === 'garbage') return answerOf(garbage(reply, outcome));
  return answerOf(rule?.kind === 'http-500' ? serverError() : outcome);
}

async function outcomeOf(serve: () => unknown): Promise<Outcome> {
  try {
    return { payload: await serve() };
  } catch (error) {
    return { error };
  }
}

function answerOf(outcome: Outcome): unknown {
  if ('error' in outcome) throw outcome.error;
  return outcome.payload;
}

function settlementOf(outcome: Outcome, instead: RequestRule | undefined): Settlement {
  if (instead !== undefined && instead.kind !== 'burned-identifier') return dropped(instead.kind);
  if ('error' in outcome) return refusal(outcome.error);
  // Beside the order that was cancelled, the answer names the new one.
  const { uuid, new_order_uuid: newUuid = uuid } = outcome.payload as { uuid: string; new_order_uuid?: string };
  return { outcome: 'accepted', uuid: newUuid, error: null };
}

function dropped(error: string): Settlement {
  return { outcome: 'dropped', uuid: null, error };
}

async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: stopping });
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
}
