import { isLosslessNumber, parse } from 'lossless-json';
import type { Market } from '../../../config/market.ts';
import type { StreamData } from '../../upbit/stream/events.ts';
import { kindOfType } from '../../upbit/stream/short-names.ts';
import { openQuoteStream, type UpbitStream } from '../../upbit/stream/stream.ts';
import type { QuoteSubscription } from '../../upbit/stream/subscription.ts';
import { type Fields, quoted, type StreamMessage } from '../stream/message.ts';
import type { QuoteTopic } from '../stream/quote-topics.ts';
import type { Source } from './source.ts';

interface RelayedLinesParts {
  readonly source: Source;
  readonly markets: readonly Market[];
  readonly log: (line: string) => void;
}

/** The source's stream for others, in its own words. */
export interface RelayedLines {
  /** Opens what is not open yet, and waits a little until it flows. */
  prepare(types: Iterable<string>): Promise<void>;
  /** @param type one that was prepared: `trade`, `ticker` or `candle.*` */
  topic(type: string, market: Market): QuoteTopic;
  close(): Promise<void>;
}

/** What one line told of one market. */
interface Told {
  latest: StreamMessage | undefined;
  /** The last so many, and how many there were before them. */
  news: StreamMessage[];
  forgotten: number;
}

interface Line {
  readonly stream: UpbitStream<QuoteSubscription>;
  readonly told: ReadonlyMap<string, Told>;
  readonly flows: Promise<void>;
  /** How often something may have been lost. */
  gaps: number;
}

/** News kept for those who have not looked yet; who needs more was away too long. */
const MOST_NEWS = 1_000;
/** Wall time a client waits for its subscription while a line is opened. */
const FLOWS_WITHIN_MS = 3_000;

/**
 * One line for each type that anybody asks for, of all markets, opened when it is first asked for. After a gap in it its
 * readers are cut off: a line that had simply gone on would say that nothing was missed.
 */
export function openRelayedLines({ source, markets, log }: RelayedLinesParts): RelayedLines {
  const lines = new Map<string, Line>();

  const open = (type: QuoteSubscription['type']): Line => {
    const told = new Map(
      markets.map((market): [string, Told] => [market, { latest: undefined, news: [], forgotten: 0 }]),
    );
    const flows = Promise.withResolvers<void>();
    let connections = 0;
    const line: Line = {
      told,
      flows: flows.promise,
      gaps: 0,
      stream: openQuoteStream({
        ...source.stream,
        subscriptions: [{ type, markets }],
        log,
        onFrame: (frame, data) => keep(told, marketOf(data), messageIn(frame, type)),
        onEvent(event) {
          if (event.kind === 'unreadable') line.gaps += 1;
          if (event.kind !== 'gap' || event.reason !== 'connected') return;
          connections += 1;
          if (connections > 1) line.gaps += 1;
          flows.resolve();
        },
      }),
    };
    return line;
  };

  return {
    async prepare(types) {
      for (const type of types) {
        if (!lines.has(type)) lines.set(type, open(type as QuoteSubscription['type']));
      }
      const flowing = Promise.all([...types].map((type) => lines.get(type)?.flows));
      const { promise: patience, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, FLOWS_WITHIN_MS);
      await Promise.race([flowing, patience]);
      clearTimeout(timer);
    },
    topic(type, market) {
      const line = lines.get(type);
      const told = line?.told.get(market);
      if (line === undefined || told === undefined) throw new Error(`${type} of ${market} was not prepared`);
      return relayedTopic(line, told);
    },
    async close() {
      await Promise.all([...lines.values()].map(({ stream }) => stream.close()));
    },
  };
}

function relayedTopic(line: Line, told: Told): QuoteTopic {
  const gapsBefore = line.gaps;
  let heard = told.forgotten + told.news.length;
  return {
    snapshot: () => told.latest && asSnapshot(told.latest),
    news() {
      if (line.gaps > gapsBefore || heard < told.forgotten) return 'too-many';
      const news = told.news.slice(heard - told.forgotten);
      heard += news.length;
      return news;
    },
  };
}

function keep(all: ReadonlyMap<string, Told>, market: string | undefined, message: StreamMessage): void {
  const told = all.get(market ?? '');
  if (told === undefined) return;
  told.latest = message;
  told.news.push(message);
  if (told.news.length <= MOST_NEWS) return;
  told.news.shift();
  told.forgotten += 1;
}

function marketOf(data: StreamData): string | undefined {
  if (data.kind === 'ticker') return data.ticker.market;
  if (data.kind === 'trade') return data.trade.market;
  return data.kind === 'candle' ? data.candle.market : undefined;
}

function messageIn(frame: string, type: string): StreamMessage {
  const kind = kindOfType(type);
  if (kind === undefined) throw new Error(`the stream has no ${type}`);
  return { kind, fields: fieldsOf(parse(frame)) };
}

/** Every field as it was written, numbers digit for digit. */
function fieldsOf(json: unknown): Fields {
  return Object.entries(json as Record<string, unknown>).map(([name, value]) => [
    name,
    isLosslessNumber(value) ? value.toString() : JSON.stringify(value),
  ]);
}

function asSnapshot({ kind, fields }: StreamMessage): StreamMessage {
  return {
    kind,
    fields: fields.map(([name, value]) => [name, name === 'stream_type' ? quoted('SNAPSHOT') : value]),
  };
}
