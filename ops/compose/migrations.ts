import { prepareDatabase } from '../../cli/up/prepare-run.ts';
import { composedBot } from './bot.ts';
import { oneShot } from './one-shot.ts';

await oneShot(async () => {
  await prepareDatabase(composedBot().addresses.databaseUrl);
  return 'the database is up to date, and durable';
});
