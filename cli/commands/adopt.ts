import { baseCurrency, type Market } from '../../config/market.ts';
import { adopt as adoptCoins, findRecorded } from '../../db/cash-flows.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { coinsBeyondLedger } from '../money/beyond-ledger.ts';
import { defaultNote, type FlowOptions, reportFlow } from '../money/flow-report.ts';
import { withLedger } from '../money/ledger-session.ts';
import { recordWithin } from '../money/record-within.ts';
import { runningExchange } from '../money/running-exchange.ts';
import { requireSubAccount } from '../money/sub-account.ts';
import { grouped } from '../output.ts';

export interface AdoptOptions extends FlowOptions {
  readonly market: Market;
  /** What the coins cost, KRW, fees included. */
  readonly cost: DecimalText;
}

/** Lets coins the owner already had join the bot, from then on its own to sell; no more than the exchange holds. */
export function adopt(quantity: DecimalText, options: AdoptOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const { market, cost, note = defaultNote('adopt'), reference } = options;
    const coin = baseCurrency(market);
    const marketAccount = await requireSubAccount(db, account, market, '--market');
    const flow = { account, market, quantity, cost, note, reference };
    const done = `${market} adopted ${quantity} ${coin} that cost ${grouped(cost)} KRW; the bot may sell them from now on.`;
    if (await findRecorded(db, { ...flow, kind: 'adopt' })) {
      return reportFlow(context, options, { recorded: false, marketAccount, done });
    }
    const exchange = runningExchange(context, account, `how many ${coin} are not the bot's yet`);
    const outcome = await recordWithin(
      {
        ...{ db, account, amount: quantity },
        beyond: (claims) => coinsBeyondLedger(exchange, claims, market),
        cure: 'adopt fewer, or bring the coins to the exchange first',
      },
      (trx) => adoptCoins(trx, flow),
    );
    reportFlow(context, options, { ...outcome, done });
  });
}
