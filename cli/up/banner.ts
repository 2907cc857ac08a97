import { endpointOf } from '../../config/endpoint.ts';
import type { RunAddresses } from './run-addresses.ts';

const PRICES: Readonly<Record<string, string>> = { replay: 'replayed', upbit: 'live' };

/** What a person needs when everything runs: what money it is, where to look, how to stop. */
export function banner(instance: RunAddresses): string {
  const exchange = endpointOf(instance.exchangeUrl);
  const pace =
    instance.candleIntervalMs === 60_000
      ? 'in real time, a candle a minute'
      : `${instance.speed} times as fast as real time, a candle every ${instance.candleIntervalMs / 1_000} s`;
  const lines = [
    // Paper is all there is to trade with: see `config/trading-mode.ts`.
    instance.account === null
      ? `candles of ${exchange} are collected; no order is ever sent`
      : 'PAPER MONEY: an exchange on this machine, no real order is ever sent',
    `${PRICES[instance.feed] ?? instance.feed} prices of ${instance.markets.join(', ')}, ${pace}`,
    '',
    ...(instance.temporalUiUrl === null
      ? [`Temporal         ${instance.temporalAddress}, namespace ${instance.temporalNamespace}`]
      : [`Temporal Web UI  ${instance.temporalUiUrl}/namespaces/${instance.temporalNamespace}/workflows`]),
    `exchange         ${exchange}/v1/candles/minutes/1?market=${instance.markets[0]}&count=3`,
    '',
    'in another terminal: npx durabit status · npx durabit candles · npx durabit --help',
    'Ctrl-C stops everything; the next start continues',
  ];
  const width = Math.max(...lines.map((line) => line.length));
  const rule = '─'.repeat(width + 2);
  return [`┌${rule}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${rule}┘`].join('\n');
}
