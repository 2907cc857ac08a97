import { Decimal } from 'decimal.js';
import type { PromotionInForce } from '../../db/promotions.ts';
import { DEFAULT_ENSEMBLE, ensembleText } from '../../strategy/ensemble.ts';
import { type Page, wallTime, wrapped } from '../output.ts';
import type { StatusFacts, WeightsFacts } from './facts.ts';

/** Of each market the newest choice, else the default weights. */
export function weightsFacts(markets: readonly string[], choices: readonly PromotionInForce[]): WeightsFacts[] {
  return markets.map((market) => {
    const choice = choices.find((one) => one.market === market);
    const { weights, threshold } = choice?.params ?? ensembleText(DEFAULT_ENSEMBLE);
    const { optimizer_result = null, chosen_by = null, since = null, reason = null } = choice ?? {};
    return { market, optimizer_result, chosen_by, since, reason, weights, threshold };
  });
}

/** A line for each choice in force; markets that have the same share it. The figures where there is but one. */
export function weightsText({ weights }: StatusFacts, page: Page): string {
  const choices = new Map<string, { readonly markets: string[]; readonly figures: string }>();
  for (const one of weights) {
    const figures = figuresText(one);
    const choice = choices.get(choiceText(one)) ?? { markets: [], figures };
    choice.markets.push(one.market);
    choices.set(choiceText(one), choice);
  }
  const lines = [...choices].map(([choice, { markets, figures }]) => {
    const line = `weights of ${markets.join(', ')}: ${choice}`;
    return wrapped(choices.size === 1 ? `${line}: ${figures}` : line, page.columns, '  ');
  });
  return lines.join('\n');
}

const CHOSEN = {
  'in-sample': 'by the optimizer',
  operator: 'by hand',
  'handed-back': 'by hand, left to the optimizer',
};

function choiceText({ optimizer_result: result, chosen_by: by, since }: WeightsFacts): string {
  const what = [
    result === null ? 'the default ones' : `result ${result}`,
    ...(by === null ? [] : [CHOSEN[by]]),
    ...(since === null ? [] : [`since ${wallTime(since)}`]),
  ];
  return what.join(', ');
}

function figuresText({ weights, threshold }: WeightsFacts): string {
  const votes = Object.entries(weights).filter(([, weight]) => !new Decimal(weight).isZero());
  const figures = votes.map(([strategy, weight]) => `${strategy} ${new Decimal(weight).toFixed()}`);
  return `${figures.join(', ')}; threshold ${new Decimal(threshold).toFixed()}`;
}
