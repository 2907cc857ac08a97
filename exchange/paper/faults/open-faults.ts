import type { FastifyInstance } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { UserError } from '../../../config/user-error.ts';
import type { Exchange } from '../exchange.ts';
import type { CandleSource } from '../feed/minute-candle.ts';
import type { LedgerStore } from '../state/ledger-store.ts';
import { openCandleRules } from './candle-rules.ts';
import { type Control, createControlServer } from './control-server.ts';
import { listedSources, tradedSources } from './faulty-source.ts';
import { rememberLedger } from './ledger-history.ts';
import { openRequestLog } from './request-log.ts';
import { createRequestRules } from './request-rules.ts';
import { type FaultReport, isCandleRule, LONGEST_WAIT_MS, ruleSchema } from './rule.ts';
import { strikeRoutes } from './struck-routes.ts';
import { trueLedger } from './true-ledger.ts';

export interface FaultsOptions {
  /** The exchange's state folder. */
  readonly folder: string;
  readonly sources: ReadonlyMap<Market, CandleSource>;
  readonly store: LedgerStore;
  readonly speed: number;
  /** Market time, epoch ms. */
  readonly now: () => number;
  /** Wall time, epoch ms. */
  readonly wallClock: () => number;
  readonly log: (line: string) => void;
}

/** Everything that goes wrong on purpose, and the control port that says what. */
export interface Faults {
  /** The market that orders meet. */
  readonly traded: ReadonlyMap<Market, CandleSource>;
  /** What candle lists show of it. */
  readonly listed: ReadonlyMap<Market, CandleSource>;
  /** The ledger store, to be used in place of the one given. */
  readonly store: LedgerStore;
  /** Lets rules strike the routes that are declared from here on. */
  strike(app: FastifyInstance, exchange: Exchange): void;
  /** What listens on the control port; not listening yet. */
  controlServer(exchange: Exchange): FastifyInstance;
  /** Lets every waiting request go without an effect. */
  stop(): void;
  /** Closes the files, once nothing is served any more. */
  close(): void;
}

export function openFaults({ folder, sources, store, speed, now, wallClock, log }: FaultsOptions): Faults {
  const candleRules = openCandleRules(folder);
  const requestRules = createRequestRules();
  const requests = openRequestLog(folder, log);
  const history = rememberLedger(store, LONGEST_WAIT_MS * speed);
  const traded = tradedSources(sources, candleRules);
  const stopping = new AbortController();
  let endpoints: ReadonlyMap<string, number> = new Map();
  let named = 0;

  const rules = (): FaultReport[] => [
    ...[...requestRules.all].map(({ id, rule, struck }) => ({ ...rule, id, struck })),
    ...[...candleRules.all].map((kept) => ({
      ...kept.rule,
      id: kept.id,
      struck: candleRules.struck(kept, sources.keys(), now()),
      from: new Date(kept.from).toISOString(),
      ...(kept.until !== undefined && { until: new Date(kept.until).toISOString() }),
    })),
  ];
  const reportOf = (id: string): FaultReport | undefined => rules().find((rule) => rule.id === id);
  const freeName = (): string => {
    do named += 1;
    while (reportOf(`rule-${named}`) !== undefined);
    return `rule-${named}`;
  };
  const removeRule = (id: string): boolean => requestRules.remove(id) || candleRules.end(id, now());

  const controlOf = (exchange: Exchange): Control => ({
    addRule(posted) {
      const rule = ruleSchema.parse(posted);
      const id = rule.id ?? freeName();
      if (reportOf(id) !== undefined) throw new UserError(`there is a rule ${id}`);
      if (rule.market !== undefined && !sources.has(rule.market)) {
        throw new UserError(`market ${rule.market} does not exist here`);
      }
      if (isCandleRule(rule)) candleRules.add(id, rule, now());
      else if (rule.endpoint === '*' || endpoints.has(rule.endpoint)) requestRules.add(id, rule);
      else throw new UserError(`endpoint ${rule.endpoint} is none of *, ${[...endpoints.keys()].join(', ')}`);
      const report = reportOf(id);
      if (report === undefined) throw new Error(`rule ${id} was added and is not there`);
      return report;
    },
    rules,
    removeRule,
    removeAllRules() {
      for (const { id } of rules()) removeRule(id);
    },
    ledger(since, limit) {
      exchange.advance(now());
      return trueLedger(exchange, now(), since, limit);
    },
    createRequests: requests.page,
    endpoints: () => [...endpoints].map(([endpoint, asked]) => ({ endpoint, asked })),
    clock: () => ({
      market_time: new Date(now()).toISOString(),
      wall_time: new Date(wallClock()).toISOString(),
      speed,
    }),
  });

  return {
    traded,
    listed: listedSources(traded, candleRules, now),
    store: history.store,
    strike(app, exchange) {
      const parts = { exchange, rules: requestRules, requests, history, speed, now, wallClock };
      endpoints = strikeRoutes(app, { ...parts, stopping: stopping.signal });
    },
    controlServer: (exchange) => createControlServer(controlOf(exchange)),
    stop: () => stopping.abort(),
    close: () => requests.close(),
  };
}
