import { join, resolve } from 'node:path';
import { marketsOf, speedOf } from '../../cli/described-bot.ts';
import { readSettings } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import { heldBook } from '../../exchange/paper/state/binding.ts';
import { endWithParent } from '../../process/supervised.ts';
import { bookArguments } from './book-arguments.ts';

/**
 * `node exchange.ts BOOK SPREAD DEPTH`: the paper exchange in a container of its own, for the other containers; `durabit
 * paper` is for its own machine only.
 */
try {
  const settings = readSettings(process.env);
  const stateDir = join(resolve(settings.DURABIT_DATA_DIR), 'exchange');
  const exchange = await startPaperExchange({
    feed: 'simulated',
    seed: 1,
    book: bookArguments(process.argv, heldBook(stateDir)),
    markets: marketsOf(settings),
    speed: speedOf(settings),
    accessKey: settings.PAPER_ACCESS_KEY,
    secretKey: settings.PAPER_SECRET_KEY,
    stateDir,
    host: '0.0.0.0',
    port: settings.PAPER_PORT,
    log: console.error,
  });
  endWithParent(() => exchange.close());
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
}
