import { endpointOf } from '../config/endpoint.ts';
import { UserError } from '../config/user-error.ts';
import { ExchangeUnavailable } from './errors.ts';
import { PAPER_MARK } from './paper-mark.ts';
import type { OrderRequest, TradingExchange } from './port.ts';

const PATIENCE_MS = 3_000;

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

/** The same exchange, which is sent no order before it is proven to be on paper; then it is not asked again. */
export function onPaperOnly<E extends Pick<TradingExchange, 'createOrder'>>(
  exchange: E,
  prove: () => Promise<void>,
): E {
  let proven = false;
  return {
    ...exchange,
    async createOrder(request: OrderRequest, startBy?: number) {
      if (!proven) await prove();
      proven = true;
      return exchange.createOrder(request, startBy);
    },
  };
}
