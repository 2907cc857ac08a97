import { holdsPaperMoney, type PromotionRule } from '../../config/promotion.ts';
import type { Db } from '../../db/connect.ts';
import { type OptimizerResult, readResult } from '../../db/optimizer-results.ts';
import {
  insertPromotion,
  readNewestPromotion,
  readWeightsInForce,
  type WeighedMarket,
  wasPromoted,
  whileChoosing,
} from '../../db/promotions.ts';
import { ensembleText, parseEnsemble } from '../../strategy/ensemble.ts';

/** What became of a result: in force from the next decision on, already in force, or only recorded; and why. */
export interface Promoted {
  readonly kind: 'promoted' | 'unchanged' | 'recorded';
  /** One sentence for people. */
  readonly reason: string;
  /** Whether it had been promoted before it was asked for; absent where not. */
  readonly before?: true;
}

/**
 * Puts a result into force where the rule allows it. An operator's choice stays until it is handed back, and what was
 * found on older candles never replaces what was found on newer ones. Asked again it promotes nothing twice.
 *
 * @throws when there is no such result
 */
export function promoteResult(db: Db, rule: PromotionRule, traded: WeighedMarket, id: string): Promise<Promoted> {
  return whileChoosing(db, traded, async (trx) => {
    const { account, market } = traded;
    const result = await readResult(trx, id);
    if (result === undefined) throw new Error(`there is no optimizer result ${id}`);
    const reason = whyOf(result);
    if (await wasPromoted(trx, account, id)) return { kind: 'promoted', reason, before: true };
    if (rule === 'off') return recorded('PROMOTION is off');
    if (!holdsPaperMoney(account))
      return recorded(`${account} holds no paper money, and in-sample results are for that only`);

    if (result.metrics.num_trades === 0) return recorded('no candidate bought and sold again');
    const newest = await readNewestPromotion(trx, traded);
    if (newest?.chosen_by === 'operator') {
      return recorded(
        `an operator chose the weights in force; to leave it to the optimizer: npx durabit weights auto --market ${market}`,
      );
    }
    const inForce = await readWeightsInForce(trx, traded);
    const current = inForce.result === null ? undefined : await readResult(trx, inForce.result);
    if (current !== undefined && current.window_until >= result.window_until) {
      return recorded(`result ${current.id}, in force, is of candles as new`);
    }
    const same =
      JSON.stringify(ensembleText(inForce.ensemble)) === JSON.stringify(ensembleText(parseEnsemble(result.params)));
    if (same) return { kind: 'unchanged', reason: 'the same weights and threshold are in force already' };
    await insertPromotion(trx, traded, { optimizer_result: id, chosen_by: 'in-sample', reason });
    return { kind: 'promoted', reason };
  });
}

/** In sample the best may still lose: then whoever reads of the promotion is told. */
function whyOf({ metrics }: OptimizerResult): string {
  const why = 'best in sample, by PROMOTION=in-sample';
  return Number(metrics.total_return) < 0 ? `${why}; doing nothing would have been better` : why;
}

function recorded(reason: string): Promoted {
  return { kind: 'recorded', reason };
}
