import { loadClientConnectConfig } from '@temporalio/envconfig';

/** The namespace the bot owns unless TEMPORAL_NAMESPACE names another. */
export const DEFAULT_NAMESPACE = 'durabit';

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

export interface TemporalTarget {
  /** Address, TLS and API key as `@temporalio/envconfig` reads them from the standard names. */
  readonly connectionOptions: ConnectConfig['connectionOptions'];
  readonly namespace: string;
  /** HOST:PORT for messages. */
  readonly address: string;
}

/**
 * The Temporal server that the environment names, with TLS and API key as its standard variables say. A profile file is
 * read only when the environment names one: somebody's profile for another server must not reach ours.
 */
export function temporalTarget(env: Record<string, string | undefined>): TemporalTarget {
  const present = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: present,
    disableFile: present.TEMPORAL_CONFIG_FILE === undefined && present.TEMPORAL_PROFILE === undefined,
  });
  return {
    connectionOptions,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    address: connectionOptions.address ?? '127.0.0.1:7233',
  };
}

/** A server on this machine that takes no credentials, such as the embedded one: nothing of the environment applies. */
export function localTemporalTarget(address: string, namespace: string): TemporalTarget {
  return { connectionOptions: { address }, namespace, address };
}
