import { accountKeys } from '../../cli/up/account-keys.ts';
import {
  bindFeed,
  openAccount,
  removeFormerSchedules,
  requireListedMarkets,
  requireOwnNamespace,
} from '../../cli/up/prepare-run.ts';
import { endpointOf } from '../../config/endpoint.ts';
import { composedBot } from './bot.ts';
import { bringPaperExchangeHere } from './exchange-relay.ts';
import { oneShot } from './one-shot.ts';

await oneShot(async () => {
  const { settings, addresses, traded } = composedBot();
  await bringPaperExchangeHere();
  await requireListedMarkets(addresses);
  await requireOwnNamespace(addresses);
  await bindFeed(addresses, {
    feed: 'upbit',
    replayFiles: [],
    seed: null,
    exchange: endpointOf(addresses.exchangeUrl),
  });
  if (traded !== null) await openAccount(addresses, traded, accountKeys(settings, ''));
  // When all that may refuse the start has not, and before a worker could pick their runs up.
  await removeFormerSchedules(addresses);
  if (traded === null) return `candles of ${addresses.exchangeUrl} are collected, nothing is traded`;
  return `the ledger of ${traded.account} belongs to the exchange at ${addresses.exchangeUrl}`;
});
