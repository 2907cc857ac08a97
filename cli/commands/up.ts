import { resolve } from 'node:path';
import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { connectDatabase, type Db, isConnectionFailure } from '../../db/connect.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { renderJson } from '../output.ts';
import { banner } from '../up/banner.ts';
import { type BookOptions, bookOf } from '../up/book-choice.ts';
import { planBot } from '../up/bot-plan.ts';
import { begunBook } from '../up/data-binding.ts';
import { type FeedName, sourceOf } from '../up/feed-choice.ts';
import { marketsOf, type RunRequest } from '../up/run-request.ts';
import {
  awaitCollected,
  awaitDecided,
  exchangeClock,
  type RunSummary,
  recordUndecided,
  type SummaryDependencies,
  summarizeRun,
} from '../up/run-summary.ts';
import { runSupervisor } from '../up/supervisor.ts';

export interface UpOptions extends CommonOptions, BookOptions {
  readonly feed: FeedName;
  readonly source?: string;
  readonly replay: readonly string[];
  readonly markets?: readonly Market[];
  readonly speed?: number;
  readonly seed: number;
  /** Milliseconds. */
  readonly for?: number;
}

/** How long the end of a run waits for servers and for candles that closed a moment ago: a restart fits in. */
const SETTLING_PATIENCE_MS = 15_000;

/** As a shell reports a command ended by Ctrl-C. */
const ENDED_BEFORE_READY = 130;

/** Runs the whole bot until Ctrl-C, or for a given time and then with a summary of what was collected. */
export async function up(options: UpOptions): Promise<void> {
  const context = commandContext(options);
  const { settings, dataDir, output } = context;
  const request: RunRequest = {
    feed: options.feed,
    source: sourceOf(options),
    replay: options.replay.map((file) => resolve(file)),
    markets: marketsOf(options, settings),
    speed: options.speed ?? (settings.UPBIT_BASE_URL === undefined && options.feed !== 'upbit' ? 60 : 1),
    seed: options.seed,
    book: settings.UPBIT_BASE_URL === undefined ? bookOf(options, begunBook(dataDir)) : undefined,
  };
  const given = (['book', 'spread', 'depth'] as const).find((name) => options[name] !== undefined);
  const forOwnExchange = request.source !== undefined ? '--feed upbit' : given && `--${given}`;
  if (forOwnExchange !== undefined && settings.UPBIT_BASE_URL !== undefined) {
    throw new UserError(
      `${forOwnExchange} is for the paper exchange brought along; UPBIT_BASE_URL names another one`,
      2,
    );
  }
  const wantsSummary = options.for !== undefined || options.json === true;
  const { TEMPORAL_ADDRESS: temporal } = settings;
  const source = context.env.DURABIT_TEMPORAL_SOURCE;
  if (temporal !== undefined) output.note(`Temporal server: ${temporal}, from TEMPORAL_ADDRESS`);
  else if (source !== undefined) output.note(`Temporal server: ${source}`);
  let db: Db | undefined;
  let summary: RunSummary | undefined;
  try {
    const result = await runSupervisor({ command: 'durabit up', dataDir }, async (path) => {
      const plan = await planBot(request, settings, path);
      // Idle connections break when PostgreSQL dies; the supervisor's own log already says so.
      db = connectDatabase(plan.instance.databaseUrl, { applicationName: 'durabit-up', maxConnections: 2 });
      const watched: SummaryDependencies = {
        exchange: createUpbitClient({ baseUrl: plan.instance.exchangeUrl }),
        ...(plan.keys === null
          ? {}
          : { accountExchange: createUpbitClient({ baseUrl: plan.instance.exchangeUrl, keys: plan.keys }) }),
        db,
        markets: request.markets,
        timeframe: '1m',
        account: plan.instance.account,
      };
      let readyAt = 0;
      let closingAt = 0;
      return {
        ...plan,
        ...(options.for === undefined ? {} : { forMs: options.for }),
        async onReady() {
          readyAt = await exchangeClock(watched, SETTLING_PATIENCE_MS);
          output.note(banner(plan.instance));
        },
        async onClosing() {
          if (!wantsSummary) return;
          closingAt = await exchangeClock(watched, SETTLING_PATIENCE_MS);
          await awaitCollected(watched, closingAt, SETTLING_PATIENCE_MS);
          await awaitDecided(watched, closingAt, Math.min(SETTLING_PATIENCE_MS, plan.instance.candleIntervalMs));
        },
        async onEnd() {
          await recordUndecided(watched).catch((error: unknown) => {
            // A database that is gone at this moment must not keep a run from ending: the next one writes the rows.
            if (!isConnectionFailure(error)) throw error;
          });
          if (wantsSummary) summary = await summarizeRun(watched, readyAt, closingAt);
        },
      };
    });
    if (!result.wasReady) {
      if (options.json) output.result(renderJson({ ended: result.reason, ready: false }));
      process.exitCode = ENDED_BEFORE_READY;
      return;
    }
    if (summary === undefined) return;
    if (options.json) output.result(renderJson({ ...summary, ended: result.reason, restarts: result.restarts }));
    else output.note(summaryText(summary, result.restarts));
    const faulty = summary.candles.missing > 0 || summary.ledger_equals_exchange === false;
    if (options.for !== undefined && faulty) process.exitCode = 1;
  } finally {
    await db?.destroy();
  }
}

function summaryText(
  { candles, decisions, orders, trades, ledger_equals_exchange: equal }: RunSummary,
  restarts: Readonly<Record<string, number>>,
): string {
  const restarted = Object.entries(restarts).filter(([, count]) => count > 0);
  const again =
    restarted.length === 0 ? '' : ` Restarted: ${restarted.map(([name, count]) => `${name} ${count}×`).join(', ')}.`;
  const traded =
    decisions === undefined || orders === undefined
      ? ''
      : ` ${decisions.live} live decisions, ${decisions.stale} stale, ${orders.sent} orders sent, ${trades} trades.`;
  const audited =
    equal === undefined ? '' : equal ? ' Ledger equals exchange.' : ' The ledger does NOT equal the exchange.';
  return `${candles.new} new candles, ${candles.missing} missing.${traded}${audited}${again}`;
}
