import { loadClientConnectConfig } from '@temporalio/envconfig';

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

export interface TemporalTarget {
  /** Address, TLS and API key as `@temporalio/envconfig` reads them from the standard names. */
  readonly connectionOptions: ConnectConfig['connectionOptions'];
  readonly namespace: string;
  /** HOST:PORT for messages. */
  readonly address: string;
}

/** The Temporal server the environment names; the local default port when it names none. */
export function temporalTarget(env: Record<string, string | undefined>): TemporalTarget {
  const present = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: present });
  return {
    connectionOptions,
    namespace: namespace ?? 'durabit',
    address: connectionOptions.address ?? '127.0.0.1:7233',
  };
}
