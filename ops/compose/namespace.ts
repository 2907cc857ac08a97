import { prepareTemporal } from '../../cli/up/prepare-run.ts';
import { composedBot } from './bot.ts';
import { oneShot } from './one-shot.ts';

await oneShot(async () => {
  const { addresses } = composedBot();
  await prepareTemporal(addresses);
  return `namespace ${addresses.temporalNamespace} has its search attributes`;
});
