import type { AccountNews, LiveAccount, LiveMarkets, LiveOrder, MarketNews } from '../../exchange/live-port.ts';

/** Lines of an exchange that tell what the test has them tell, and nothing else. */
export function toldLines() {
  const markets: ((news: MarketNews) => void)[] = [];
  const accounts: ((news: AccountNews) => void)[] = [];
  const closed = { lines: 0 };
  const line = {
    async close(): Promise<void> {
      closed.lines += 1;
    },
  };
  return {
    closed,
    markets: {
      watchMarkets(_markets, onNews) {
        markets.push(onNews);
        return line;
      },
    } satisfies LiveMarkets,
    account: {
      watchAccount(onNews) {
        accounts.push(onNews);
        return line;
      },
    } satisfies LiveAccount,
    tellMarkets(news: MarketNews): void {
      for (const tell of markets) tell(news);
    },
    tellAccount(news: AccountNews): void {
      for (const tell of accounts) tell(news);
    },
    /** How many listen to the account. */
    listeningToAccount: () => accounts.length,
  };
}

/** A step of an order, of which only the name matters. */
export function stepOf(identifier: string | undefined): AccountNews {
  const order: LiveOrder = {
    ...{ exchangeOrderId: 'there', identifier, market: 'KRW-BTC', side: 'bid', isOver: true },
    ...{ executedVolume: '1', paidFee: '0', at: 0 },
  };
  return { kind: 'order', order };
}
