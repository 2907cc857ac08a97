import { join } from 'node:path';
import type { Market } from '../../config/market.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import { heldBook } from '../../exchange/paper/state/binding.ts';
import { announceReady, endWithParent } from '../../process/supervised.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { renderJson } from '../output.ts';
import { type BookOptions, bookOf } from '../up/book-choice.ts';
import { type FeedName, sourceOf } from '../up/feed-choice.ts';
import { marketsOf } from '../up/run-request.ts';

export interface PaperOptions extends CommonOptions, BookOptions {
  readonly port?: number;
  readonly feed: FeedName;
  readonly source?: string;
  readonly replay: readonly string[];
  readonly markets?: readonly Market[];
  readonly speed: number;
  readonly seed: number;
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly stateDir?: string;
  readonly controlPort?: number;
}

/** Runs the paper exchange until it is told to stop. */
export async function paper(options: PaperOptions): Promise<void> {
  const { settings, dataDir, output } = commandContext(options);
  const stateDir = options.stateDir ?? join(dataDir, 'paper-alone');
  const accessKey = options.accessKey ?? settings.PAPER_ACCESS_KEY;
  const exchange = await startPaperExchange({
    feed: options.feed,
    source: sourceOf(options),
    replayFiles: options.replay,
    markets: marketsOf(options, settings),
    seed: options.seed,
    book: bookOf(options, heldBook(stateDir)),
    speed: options.speed,
    accessKey,
    secretKey: options.secretKey ?? settings.PAPER_SECRET_KEY,
    stateDir,
    port: options.port ?? settings.PAPER_PORT,
    controlPort: options.controlPort ?? settings.PAPER_CONTROL_PORT,
    log: output.note,
  });
  endWithParent(() => exchange.close());
  const { url, controlUrl = null } = exchange;
  if (options.json) output.result(renderJson({ url, access_key: accessKey, control_url: controlUrl }));
  output.note(`paper exchange at ${url}, no real money; access key ${accessKey}; stop with Ctrl-C`);
  if (controlUrl !== null) output.note(`faults are asked for at ${controlUrl}`);
  announceReady();
}
