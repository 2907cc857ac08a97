import { accountName } from '../../config/account.ts';
import type { Market } from '../../config/market.ts';
import type { Settings } from '../../config/settings.ts';
import {
  DEFAULT_NAMESPACE,
  localTemporalTarget,
  type TemporalTarget,
  temporalTarget,
} from '../../config/temporal-target.ts';
import type { InstanceDetails } from './instance-file.ts';
import type { PaperKeys } from './paper-keys.ts';
import { embeddedDatabaseUrl } from './postgres-password.ts';
import type { RunRequest } from './run-request.ts';

/** Where everything of a run is reached. */
export interface RunAddresses extends InstanceDetails {
  readonly markets: readonly Market[];
}

/** Addresses the settings name, else those of the servers a run brings itself. */
export function addressesOf(request: RunRequest, settings: Settings, dataDir: string, keys: PaperKeys): RunAddresses {
  return {
    databaseUrl: settings.DATABASE_URL ?? embeddedDatabaseUrl(dataDir, settings.POSTGRES_PORT),
    temporalAddress: settings.TEMPORAL_ADDRESS ?? `127.0.0.1:${settings.TEMPORAL_PORT}`,
    temporalNamespace: settings.TEMPORAL_NAMESPACE ?? DEFAULT_NAMESPACE,
    temporalUiUrl: settings.TEMPORAL_ADDRESS === undefined ? `http://127.0.0.1:${settings.TEMPORAL_UI_PORT}` : null,
    exchangeUrl: settings.UPBIT_BASE_URL ?? `http://127.0.0.1:${settings.PAPER_PORT}`,
    // With an exchange of the user's own there is no trading yet: that asks for a mode said in so many words.
    account: settings.UPBIT_BASE_URL === undefined ? accountName('paper', keys.accessKey) : null,
    paperControlUrl: null,
    dashboardUrl: null,
    feed: request.feed,
    markets: request.markets,
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
