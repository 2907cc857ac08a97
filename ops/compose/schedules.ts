import { applyBotSchedules } from '../../cli/up/prepare-run.ts';
import { composedBot } from './bot.ts';
import { bringPaperExchangeHere } from './exchange-relay.ts';
import { oneShot } from './one-shot.ts';

await oneShot(async () => {
  const { addresses } = composedBot();
  await bringPaperExchangeHere();
  await applyBotSchedules(addresses);
  return `schedules of ${addresses.markets.join(', ')} are in place; what was paused stays paused`;
});
