import { endpointOf } from '../config/endpoint.ts';
import { UserError } from '../config/user-error.ts';
import { ExchangeUnavailable } from './errors.ts';
import type { LiveAccount, LiveLine } from './live-port.ts';
import { PAPER_MARK } from './paper-mark.ts';
import type { TradingExchange } from './port.ts';

const PATIENCE_MS = 3_000;
/** Wall time after which an exchange that did not answer is asked for its proof again, where nothing else asks. */
const AGAIN_MS = 5_000;

/**
 * Makes sure that the exchange at an address is a paper exchange: being on this machine proves nothing, because a tunnel
 * or a proxy here may lead to an exchange that takes real money. No key is shown to it.
 *
 * @throws {UserError} when what answers there is something else
 * @throws {ExchangeUnavailable} when nothing answers
 */
export async function requirePaperExchange(baseUrl: string): Promise<void> {
  const shown = endpointOf(baseUrl);
  const mark = await askForMark(baseUrl).catch((error: Error) => {
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new ExchangeUnavailable(`the exchange at ${shown} does not say whether it is on paper: ${why}`, {
      cause: error,
    });
  });
  if (mark === PAPER_MARK.value) return;
  throw new UserError(
    `TRADING_MODE=paper: what answers at ${shown} is not a paper exchange of durabit and may take real money, perhaps ` +
      'through a tunnel or a proxy. Remove UPBIT_BASE_URL to trade on the paper exchange that durabit up starts, name ' +
      'one started with durabit paper, or remove TRADING_MODE to only collect candles from there',
    2,
  );
}

/** Any answer bears the mark, a refusal too. */
async function askForMark(baseUrl: string): Promise<string | null> {
  const { headers, body } = await fetch(`${endpointOf(baseUrl)}/v1/market/all`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await body?.cancel();
  return headers.get(PAPER_MARK.header);
}

/** Every request that bears what a key has signed. */
const SIGNED = {
  ...{ fetchBalances: true, fetchOrderTerms: true, createOrder: true, fetchOrder: true, cancelOrder: true },
  ...{ fetchOpenOrders: true, fetchClosedOrders: true },
} as const satisfies Record<keyof TradingExchange, true>;

/** A proof that is asked for again only while it fails; those who ask at the same time ask together. */
export function askedOnce(prove: () => Promise<void>): () => Promise<void> {
  let proof: Promise<void> | undefined;
  return () => {
    proof ??= prove().catch((error: unknown) => {
      proof = undefined;
      throw error;
    });
    return proof;
  };
}

/**
 * The same exchange, which is shown no key before it is proven to be on paper.
 *
 * @param prove asked before every such call: see `askedOnce`, with which an order's time to leave is its own
 */
export function onPaperOnly<E extends TradingExchange>(exchange: E, prove: () => Promise<void>): E {
  return new Proxy(exchange, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || !(name in SIGNED)) return member;
      return async (...given: unknown[]) => {
        await prove();
        return Reflect.apply(member, target, given);
      };
    },
  });
}

/**
 * The same for what is told of the account: the handshake bears what a key has signed, so it waits for the proof. An
 * exchange that turns out not to be on paper is never shown one.
 */
export function onceOnPaper(live: LiveAccount, prove: () => Promise<void>): LiveAccount {
  return {
    watchAccount(onNews) {
      let line: LiveLine | undefined;
      let again: NodeJS.Timeout | undefined;
      let isClosed = false;
      const begin = async (): Promise<void> => {
        const refusal = await prove().then(
          () => undefined,
          (error: Error) => error,
        );
        if (isClosed) return;
        if (refusal === undefined) line = live.watchAccount(onNews);
        else if (refusal instanceof ExchangeUnavailable) {
          onNews({ kind: 'offline', reason: refusal.message, retryInMs: AGAIN_MS });
          again = setTimeout(begin, AGAIN_MS);
        } else onNews({ kind: 'stopped', error: refusal });
      };
      void begin();
      return {
        async close() {
          isClosed = true;
          clearTimeout(again);
          await line?.close();
        },
      };
    },
  };
}
