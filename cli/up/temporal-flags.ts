/** The namespace the bot owns on its embedded server. */
export const NAMESPACE = 'durabit';

/** What makes a run readable in the Web UI without opening a payload. */
export const SEARCH_ATTRIBUTES = { Market: 'Keyword', CandleTime: 'Datetime', Outcome: 'Keyword' } as const;

/**
 * Defaults of the server that suit a fleet and not one machine, measured on it: at 20 polls a second a shard hands out
 * tasks on a 50 ms grid (five activities take 550 ms; 72 ms so), and a shift of 1 s keeps no timer shorter than that
 * (a retry after 200 ms came after 1,001 ms; 210 ms so). Eager activities come back with the answer that orders them,
 * without a way through the queue (figures in docs/benchmarks.md).
 */
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': '2000',
  'history.timerProcessorMaxPollRPS': '2000',
  'history.timerProcessorMaxTimeShift': '"10ms"',
  'system.enableActivityEagerExecution': 'true',
} as const;

/**
 * The command line of the embedded server. Beside the two ports given it opens five on loopback that the system
 * chooses (HTTP API, metrics and three internal ones), so none of them clashes.
 */
export function temporalFlags(server: {
  readonly database: string;
  readonly port: number;
  readonly uiPort: number;
}): string[] {
  const flags: [string, string][] = [
    ['--ip', '127.0.0.1'],
    ['--port', String(server.port)],
    ['--ui-ip', '127.0.0.1'],
    ['--ui-port', String(server.uiPort)],
    ['--namespace', NAMESPACE],
    ['--db-filename', server.database],
    // State survives kill -9 so; a power cut may cost the last moments, which the orders' ledger outlives by design.
    ['--sqlite-pragma', 'journal_mode=WAL'],
    ['--sqlite-pragma', 'synchronous=NORMAL'],
    ['--log-level', 'warn'],
    ['--color', 'never'],
  ];
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) flags.push(['--search-attribute', `${name}=${type}`]);
  for (const [key, value] of Object.entries(DYNAMIC_CONFIG)) flags.push(['--dynamic-config-value', `${key}=${value}`]);
  // Whatever Temporal profile the user has for other servers is not for this one; and no call home for news.
  const switches = ['--ui-disable-news-fetch', '--disable-config-file', '--disable-config-env'];
  return ['server', 'start-dev', ...flags.flat(), ...switches];
}
