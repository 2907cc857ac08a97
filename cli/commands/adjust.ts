import { baseCurrency, type Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { adjust as adjustMoney } from '../../db/cash-flows.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { type FlowOptions, reportFlow } from '../money/flow-report.ts';
import { withLedger } from '../money/ledger-session.ts';
import { requireSubAccount } from '../money/sub-account.ts';

export interface AdjustOptions extends FlowOptions {
  readonly market: Market;
  readonly note: string;
  /** Signed; KRW. */
  readonly cash?: DecimalText;
  /** Signed; coins. */
  readonly quantity?: DecimalText;
  /** Signed; KRW. Without it coins taken away take their share of the cost along. */
  readonly cost?: DecimalText;
}

/**
 * Corrects a sub-account for what trading does not explain, on record for ever. Asks no exchange: it is for when ledger
 * and exchange have parted, and `durabit audit` says whether they agree afterwards.
 */
export async function adjust(options: AdjustOptions): Promise<void> {
  const { market, note, reference, cash, quantity, cost } = options;
  if (cash === undefined && quantity === undefined && (cost === undefined || cost === '0')) {
    throw new UserError('nothing to adjust: name --cash, --quantity or a --cost other than 0', 2);
  }
  return withLedger(options, async ({ context, db, account }) => {
    await requireSubAccount(db, account, market, '--market');
    const outcome = await adjustMoney(db, { account, market, note, reference, cash, quantity, cost });
    const changes = [
      ...(cash === undefined ? [] : [`cash by ${signed(cash)} KRW`]),
      ...(quantity === undefined ? [] : [`coins by ${signed(quantity)} ${baseCurrency(market)}`]),
      ...(cost === undefined ? [] : [`cost by ${signed(cost)} KRW`]),
    ];
    reportFlow(context, options, { ...outcome, done: `${market} was adjusted: ${changes.join(', ')}.` });
    if (outcome.recorded) context.output.note('The exchange was not asked; hold the ledger against it: durabit audit');
  });
}

function signed(amount: DecimalText): string {
  return amount.startsWith('-') ? amount : `+${amount}`;
}
