import { endpointOf } from '../../config/endpoint.ts';
import { TRADING_MODES } from '../../config/trading-mode.ts';
import { databaseAddress } from '../../db/connect.ts';
import { kst, type Page, span, wallTime, wrapped } from '../output.ts';
import type { InstanceDetails, RunningInstance } from '../up/instance-file.ts';
import type { BotFacts, StatusFacts } from './facts.ts';

export function botFacts(instance: RunningInstance, now: Date): BotFacts {
  return {
    supervised: true,
    state: instance.state,
    pid: instance.supervisor.pid,
    started_at: instance.startedAt,
    uptime_seconds: secondsSince(instance.startedAt, now),
    ...addressFacts(instance),
    own_exchange: instance.parts.some((part) => part.name === 'exchange'),
    pids: instance.pids,
  };
}

/** A bot that the settings describe; where they name nothing to trade, `account` is null whatever was traded once. */
export function describedBotFacts(bot: InstanceDetails, account: string | null): BotFacts {
  return {
    ...{ supervised: false, state: 'ready', pid: null, started_at: null, uptime_seconds: null },
    ...addressFacts({ ...bot, account }),
    ...{ own_exchange: false, pids: {} },
  };
}

function addressFacts(instance: InstanceDetails) {
  return {
    mode: modeOf(instance.account),
    account: instance.account,
    feed: instance.feed,
    markets: instance.markets,
    speed: instance.speed,
    candle_interval_ms: instance.candleIntervalMs,
    temporal_ui_url: instance.temporalUiUrl,
    temporal_address: instance.temporalAddress,
    temporal_namespace: instance.temporalNamespace,
    exchange_url: endpointOf(instance.exchangeUrl),
    dashboard_url: instance.dashboardUrl,
    database: databaseAddress(instance.databaseUrl),
  };
}

export function secondsSince(instant: string, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - Date.parse(instant)) / 1_000));
}

/** An account's name begins with whose money it is: `paper-3f9a01c2`. */
function modeOf(account: string | null): BotFacts['mode'] {
  return TRADING_MODES.find((mode) => account?.startsWith(`${mode}-`)) ?? 'collecting';
}

const VERB: Readonly<Record<BotFacts['state'], string>> = {
  'setting-up': 'is being set up',
  ready: 'runs',
  stopping: 'is stopping; it ran',
};

const MONEY: Readonly<Record<BotFacts['mode'], string>> = {
  paper: 'PAPER MONEY: no real order is sent',
  shadow: 'SHADOW MODE: real prices, no real order is sent',
  live: 'REAL MONEY: orders go to the exchange',
  collecting: 'collects candles only, trades nothing',
};

/** What runs since when, with whose money, at which prices and addresses. */
export function botText(facts: StatusFacts, page: Page): string {
  const { instance, market_time: marketTime, data_dir: dataDir, stored, trading } = facts;
  if (instance === null) {
    const what = stored ? `durabit is not running; this is what is stored in ${dataDir}` : 'durabit is not running';
    return wrapped(what, page.columns, '  ');
  }
  const { account } = instance;
  const money = [
    moneyText(instance),
    ...(account === null ? [] : [`account ${account}`]),
    ...(trading === null ? [] : [tradingText(trading)]),
  ];
  const lines = [
    lifeText(instance),
    money.join(' · '),
    `${priceSource(instance)}, ${pace(instance)} · market time ${marketTime === null ? 'not known' : kst(marketTime)}`,
    ...addresses(instance),
  ];
  return lines.map((line) => wrapped(line, page.columns, '  ')).join('\n');
}

function lifeText({ state, started_at: start, uptime_seconds: uptime, pid }: BotFacts): string {
  if (start === null || uptime === null) {
    return 'durabit as the settings describe it, not started here: its uptime and restarts are not known';
  }
  return `durabit ${VERB[state]} since ${wallTime(new Date(start))}, ${span(uptime * 1_000)} (pid ${pid})`;
}

function moneyText({ mode, supervised }: BotFacts): string {
  if (mode === 'collecting' && !supervised) return 'TRADING_MODE is not set here: no trading is looked for';
  return MONEY[mode];
}

function priceSource({ feed, own_exchange: own }: BotFacts): string {
  if (!own) return 'prices of the exchange below';
  if (feed === 'upbit') return 'live prices';
  return feed === 'replay' ? 'replayed prices' : `${feed} prices`;
}

function pace({ candle_interval_ms: intervalMs, speed }: BotFacts): string {
  return speed === 1 ? 'real time' : `${intervalMs / 1_000} s a candle (speed ${speed})`;
}

function tradingText({ state, reason }: NonNullable<StatusFacts['trading']>): string {
  return `trading ${state}${state === 'active' || reason === null ? '' : `: ${reason}`}`;
}

function addresses(instance: BotFacts): string[] {
  const { dashboard_url: dashboard, temporal_ui_url: webUi, temporal_namespace: namespace } = instance;
  const temporal =
    webUi === null
      ? `Temporal ${instance.temporal_address} (namespace ${namespace})`
      : `Web UI ${webUi}/namespaces/${namespace}/workflows`;
  return [
    `${dashboard === null ? '' : `dashboard ${dashboard} · `}${temporal}`,
    `exchange ${instance.exchange_url} · PostgreSQL ${instance.database}`,
  ];
}
