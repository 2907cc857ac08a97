import { setTimeout as sleep } from 'node:timers/promises';
import type { Market } from '../../../config/market.ts';
import { UserError } from '../../../config/user-error.ts';
import { tickSize } from '../../../strategy/tick-size.ts';
import { ExchangeError, UnknownMarket } from '../../errors.ts';
import type { StreamTiming } from '../../upbit/stream/stream.ts';
import type { Exchange } from '../exchange.ts';
import type { OpenMarket, OpenMarketOptions } from '../open-market.ts';
import { bindFolder, bindingOf, isBound } from '../state/binding.ts';
import { openLedgerStore } from '../state/ledger-store.ts';
import { followBooks } from './book-line.ts';
import { createLiveClock } from './live-clock.ts';
import { liveQuotes } from './live-quotes.ts';
import { createLiveTape } from './live-tape.ts';
import { type MarketList, openMarketList } from './market-list.ts';
import { createMarketTape } from './market-tape.ts';
import { openRelayedLines } from './relayed-lines.ts';
import { openSource, type Source } from './source.ts';
import { followTrades } from './trade-line.ts';

interface LiveMarketOptions extends OpenMarketOptions {
  readonly source: string;
  /** Default: as the stream has it. */
  readonly streamTiming?: Partial<StreamTiming> | undefined;
}

/** Wall times, ms. */
const FIRST_ANSWER_WITHIN_MS = 10_000;
const ASK_AGAIN_AFTER_MS = 500;
const FIRST_TRADES_WITHIN_MS = 5_000;
const LIST_AGAIN_AFTER_MS = 60_000;
/** The source's clock may show so much less (ms) than it did before: its answers are dated by the second. */
const TOLERATED_STEP_BACK_MS = 60_000;

/**
 * Prices of an exchange as it tells them, for paper money. A new folder needs its answer; one that was begun does without
 * until it comes, and knows no price meanwhile.
 *
 * @throws {UserError} when the source does not answer, or lacks a market or the order book that is asked for
 */
export async function openLiveMarket(options: LiveMarketOptions): Promise<OpenMarket> {
  const { markets, seed, speed, book, stateDir, log } = options;
  const source = openSource(options.source, speed, options.streamTiming);
  const list = openMarketList(stateDir, source.relay, markets);
  const binding = bindingOf({ feed: 'upbit', seed, book, source: source.url });
  const isBegun = isBound(stateDir);
  if (isBegun) bindFolder(stateDir, binding);
  const silence = await firstAnswer(list, isBegun ? 0 : FIRST_ANSWER_WITHIN_MS);
  if (silence === undefined) await requireOffered(source, list, markets, book !== undefined, log);
  else if (!isBegun) throw silent(source, silence);
  // Not before it may go on: a mistyped address must not tie the folder to it.
  if (!isBegun) bindFolder(stateDir, binding);

  const store = openLedgerStore(stateDir, log, { retirement: options.retirement });
  if (silence !== undefined) {
    if (store.knownUntil === undefined) throw silent(source, silence);
    log(`${source.url} does not answer (${silence}): until it does, no price is known and no order is taken`);
  }
  requireSameTime(source, store.knownUntil);
  const clock = createLiveClock(store.knownUntil ?? 0, source.now);
  const tapes = new Map(markets.map((market) => [market, createMarketTape(store.ledger.followed.get(market))]));
  let exchange: Exchange | undefined;
  const onTrades = (at: number): void => {
    clock.hear(at);
    try {
      exchange?.advance(clock.now());
    } catch (error) {
      // A full disk, say. What was not told stays untold, and whoever asks next meets the same fault.
      log(`paper exchange: ${error instanceof Error ? error.message : error}`);
    }
  };
  const { open, followed } = store.ledger;
  const trades = followTrades({ source, tapes, followed: new Map(followed), open, onTrades, log });
  const books = book && followBooks({ source, markets, log });
  const lines = openRelayedLines({ source, markets, log });
  const tape = createLiveTape({ tapes, isKnown: trades.isKnown, bookOf: books?.bookOf });
  const listing = setInterval(() => {
    list.refresh().catch((error: unknown) => {
      // The list that is known stays; that the source does not answer is said where it matters.
      if (!(error instanceof ExchangeError)) log(`paper exchange: ${error instanceof Error ? error.message : error}`);
    });
  }, LIST_AGAIN_AFTER_MS);
  if (silence === undefined) await trades.firstLook(FIRST_TRADES_WITHIN_MS);

  return {
    clock,
    tape,
    store,
    quotes: (shown) => liveQuotes({ source, markets: tape.markets, list, lines, books: shown }),
    faults: undefined,
    begin(begun) {
      exchange = begun;
    },
    async close() {
      clearInterval(listing);
      await Promise.all([trades.close(), books?.close(), lines.close()]);
    },
  };
}

function silent({ url }: Source, why: string): UserError {
  return new UserError(`${url}, where prices come from, does not answer: ${why}; check --source and the connection`);
}

/** Why the source did not answer within `patienceMs`; undefined when it did. */
async function firstAnswer(list: MarketList, patienceMs: number): Promise<string | undefined> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      await list.refresh();
      return undefined;
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      if (performance.now() >= giveUpAt) return error.message;
    }
    await sleep(ASK_AGAIN_AFTER_MS);
  }
}

async function requireOffered(
  { url, quotation }: Source,
  list: MarketList,
  markets: readonly Market[],
  hasBook: boolean,
  log: (line: string) => void,
): Promise<void> {
  const missing = list.missing();
  if (missing.length > 0) throw new UserError(`${url} lists no market ${missing.join(', ')}; mend --markets`, 2);
  try {
    if (hasBook) await quotation.fetchOrderBooks(markets, { count: 1 });
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    const why = error instanceof UnknownMarket ? 'has none' : `does not tell it: ${error.message}`;
    throw new UserError(`--book levels needs an order book, and ${url} ${why}; use --book endless`, 2);
  }
  await noteOtherTicks(quotation, markets, log);
}

/** Orders are held to the table of price steps here: it knows the steps far from the price as well. */
async function noteOtherTicks(
  quotation: Source['quotation'],
  markets: readonly Market[],
  log: (line: string) => void,
): Promise<void> {
  try {
    const [instruments, tickers] = [await quotation.fetchInstruments(markets), await quotation.fetchTickers(markets)];
    for (const { market, tickSize: told } of instruments) {
      const price = tickers.find((ticker) => ticker.market === market)?.price;
      const ours = price === undefined ? undefined : tickSize(price);
      if (ours === undefined || ours.eq(told)) continue;
      log(
        `${market}: the source has price steps of ${told} KRW at ${price}; orders here are held to ${ours.toFixed()}`,
      );
    }
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    log(`the price steps of the source could not be compared with ours: ${error.message}`);
  }
}

/** @throws {UserError} when the source's past is not the folder's */
function requireSameTime({ url, now }: Source, knownUntil: number | undefined): void {
  const shown = now();
  if (shown === undefined || knownUntil === undefined || shown >= knownUntil - TOLERATED_STEP_BACK_MS) return;
  throw new UserError(
    `the clock of ${url} shows ${new Date(shown).toISOString()}, and this state folder knows its market until ` +
      `${new Date(knownUntil).toISOString()}: it is another market. Use another folder`,
    2,
  );
}
