import type { TradedAccount } from '../../config/account.ts';
import type { Market } from '../../config/market.ts';
import type { Settings } from '../../config/settings.ts';
import {
  DEFAULT_NAMESPACE,
  localTemporalTarget,
  type TemporalTarget,
  temporalTarget,
} from '../../config/temporal-target.ts';
import type { Timeframe } from '../../config/timeframe.ts';
import type { InstanceDetails } from './instance-file.ts';
import { embeddedDatabaseUrl } from './postgres-password.ts';
import type { RunRequest } from './run-request.ts';

/** Where everything of a run is reached. */
export interface RunAddresses extends InstanceDetails {
  readonly markets: readonly Market[];
  /** Length of the candles that are collected and traded on. */
  readonly timeframe: Timeframe;
}

/** Addresses the settings name, else those of the servers a run brings itself. */
export function addressesOf(
  request: RunRequest,
  settings: Settings,
  dataDir: string,
  traded: TradedAccount | null,
): RunAddresses {
  return {
    databaseUrl: settings.DATABASE_URL ?? embeddedDatabaseUrl(dataDir, settings.POSTGRES_PORT),
    temporalAddress: settings.TEMPORAL_ADDRESS ?? `127.0.0.1:${settings.TEMPORAL_PORT}`,
    temporalNamespace: settings.TEMPORAL_NAMESPACE ?? DEFAULT_NAMESPACE,
    temporalUiUrl: settings.TEMPORAL_ADDRESS === undefined ? `http://127.0.0.1:${settings.TEMPORAL_UI_PORT}` : null,
    exchangeUrl: settings.UPBIT_BASE_URL ?? `http://127.0.0.1:${settings.PAPER_PORT}`,
    account: traded?.account ?? null,
    paperControlUrl: null,
    dashboardUrl: null,
    feed: request.feed,
    markets: request.markets,
    timeframe: settings.TRADE_TIMEFRAME,
    candleIntervalMs: 60_000 / request.speed,
    speed: request.speed,
  };
}

/** How a running instance's Temporal server is reached: our own takes no credentials, whatever the environment holds. */
export function targetOf(
  instance: Pick<InstanceDetails, 'temporalAddress' | 'temporalNamespace' | 'temporalUiUrl'>,
): TemporalTarget {
  const { temporalAddress: address, temporalNamespace: namespace } = instance;
  if (instance.temporalUiUrl !== null) return localTemporalTarget(address, namespace);
  return { ...temporalTarget({ ...process.env, TEMPORAL_ADDRESS: address }), namespace };
}
