import type { Balance, TradingExchange } from '../exchange/port.ts';

export interface AccountDependencies {
  readonly exchange: TradingExchange;
}

/** Activities of the `trader` queue that read the account. */
export function createAccountActivities({ exchange }: AccountDependencies) {
  return {
    /** What the account holds, free and locked, as the exchange says now. */
    async fetchBalances(): Promise<readonly Balance[]> {
      return exchange.fetchBalances();
    },
  };
}
