import { z } from 'zod';
import { isMarket } from '../../../config/market.ts';

const CREATE_ORDER = 'POST /v1/orders';
export const CANCEL_AND_NEW = 'POST /v1/orders/cancel_and_new';
/** Calls that make an order. */
export const CREATES = [CREATE_ORDER, CANCEL_AND_NEW] as const;
/** Looks at the account, which may lag behind it. */
export const ACCOUNT_READS = [
  'GET /v1/accounts',
  'GET /v1/orders/chance',
  'GET /v1/order',
  'GET /v1/orders/open',
  'GET /v1/orders/closed',
  'GET /v1/orders/uuids',
] as const;

/** Longest wait of a rule about requests, in ms of wall time; no client waits longer. */
export const LONGEST_WAIT_MS = 60_000;
/** Longest a candle or its correction may be late, in ms of market time: a day. */
export const LONGEST_LATE_MS = 86_400_000;

const market = z.string().refine(isMarket, 'must be a market such as KRW-BTC');
const wait = z.int().min(1).max(LONGEST_WAIT_MS);
const late = z.int().min(1).max(LONGEST_LATE_MS);
const when = z.enum(['before', 'after']);

/** Which calls or minutes are struck: by chance, or the next so many. */
const strikes = {
  id: z.string().min(1).max(64).optional(),
  market: market.optional(),
  probability: z.number().gt(0).max(1).optional(),
  /** Of the chance; the same seed strikes the same calls of a rule in the same order. */
  seed: z.int().min(0).optional(),
  next: z.int().min(1).max(1_000_000).optional(),
};
const anyCall = { ...strikes, endpoint: z.string().default('*') };
const createCall = { ...strikes, endpoint: z.enum(CREATES).default(CREATE_ORDER) };
const replaceCall = { ...strikes, endpoint: z.literal(CANCEL_AND_NEW).default(CANCEL_AND_NEW) };
const minutesOf = { ...strikes, minutes: z.array(z.iso.datetime()).min(1).max(10_000).optional() };

const requestKinds = [
  z.strictObject({ kind: z.literal('reset'), when, ...anyCall }),
  z.strictObject({ kind: z.literal('delay'), when, delay_ms: wait, ...anyCall }),
  z.strictObject({ kind: z.literal('http-500'), when, ...anyCall }),
  z.strictObject({ kind: z.literal('garbage'), when, ...anyCall }),
  z.strictObject({ kind: z.literal('truncated'), ...anyCall }),
  z.strictObject({ kind: z.literal('http-429'), ...anyCall }),
  z.strictObject({ kind: z.literal('http-418'), block_seconds: z.int().min(1).default(60), ...anyCall }),
  z.strictObject({ kind: z.literal('market-offline'), ...anyCall }),
  z.strictObject({
    kind: z.literal('refused'),
    status: z.int().min(400).max(599),
    error: z.string().regex(/^\w{1,64}$/),
    ...anyCall,
  }),
  z.strictObject({
    kind: z.literal('clock-skew'),
    skew_ms: z.int().min(-LONGEST_LATE_MS).max(LONGEST_LATE_MS),
    ...anyCall,
  }),
  z.strictObject({
    kind: z.literal('read-lag'),
    lag_ms: wait,
    ...anyCall,
    endpoint: z.enum(['*', ...ACCOUNT_READS]).default('*'),
  }),
  z.strictObject({ kind: z.literal('too-many-request-order'), ...createCall }),
  z.strictObject({
    kind: z.literal('burned-identifier'),
    error: z.string().default('validation_error'),
    ...createCall,
  }),
  z.strictObject({
    kind: z.literal('accept-late'),
    delay_ms: wait,
    connection: z.enum(['closed', 'kept']),
    ...createCall,
  }),
  z.strictObject({ kind: z.literal('filled-first'), ...replaceCall }),
] as const;
const candleKinds = [
  z.strictObject({ kind: z.literal('idle'), ...minutesOf }),
  z.strictObject({ kind: z.literal('late-candle'), late_ms: late, ...minutesOf }),
  z.strictObject({ kind: z.literal('late-trade'), late_ms: late, ...minutesOf }),
] as const;

const requestRules = z.discriminatedUnion('kind', requestKinds);
const candleRules = z.discriminatedUnion('kind', candleKinds);

/** What `POST /faults` takes. */
export const ruleSchema = z
  .discriminatedUnion('kind', [...requestKinds, ...candleKinds])
  .superRefine((rule, context) => {
    const named = [rule.probability, rule.next, 'minutes' in rule ? rule.minutes : undefined];
    const faults = [
      named.filter((one) => one !== undefined).length !== 1 &&
        'give one of probability (with seed), next and, for candles, minutes',
      (rule.probability === undefined) !== (rule.seed === undefined) && 'probability and seed go together',
    ];
    for (const message of faults) if (message !== false) context.addIssue({ code: 'custom', message });
  });

/** As it is posted: defaults may be left out. */
export type NewFaultRule = z.input<typeof ruleSchema>;
/** About single requests. */
export type RequestRule = z.infer<typeof requestRules>;
/** About what the candle lists show, and when. */
export type CandleRule = z.infer<typeof candleRules>;
export type FaultRule = RequestRule | CandleRule;

export function isCandleRule(rule: FaultRule): rule is CandleRule {
  return rule.kind === 'idle' || rule.kind === 'late-candle' || rule.kind === 'late-trade';
}

/** A rule as `GET /faults` tells of it. */
export type FaultReport = FaultRule & {
  readonly id: string;
  /** Calls or minutes struck so far. */
  readonly struck: number;
  /** When a rule about candles begins and, once it was taken back, ends: minutes from and until here. */
  readonly from?: string;
  readonly until?: string;
};
