import type { LedgerFigures, MarketProof } from '../../db/ledger-rebuild.ts';
import { averageCost } from '../../strategy/position.ts';
import { grouped, renderTable } from '../output.ts';

/** A sub-account's figures as JSON shows them: the names of its table's columns. */
interface FiguresRow {
  readonly cash: string;
  readonly reserved_cash: string;
  readonly quantity: string;
  readonly reserved_quantity: string;
  readonly cost: string;
  /** Per coin, fees included; null without coins. Follows from cost and quantity. */
  readonly average_cost: string | null;
  readonly realised_profit: string;
}

export interface ProofRow {
  readonly market: string;
  readonly proven: boolean;
  readonly recorded: FiguresRow;
  readonly rebuilt: FiguresRow;
  /** Figures that are not the same. */
  readonly differences: readonly (keyof FiguresRow)[];
}

const HEADINGS: readonly (readonly [figure: keyof FiguresRow, heading: string])[] = [
  ['cash', 'cash, KRW'],
  ['reserved_cash', 'of it reserved'],
  ['quantity', 'coins'],
  ['reserved_quantity', 'of them reserved'],
  ['cost', 'their cost, KRW, fees included'],
  ['average_cost', 'per coin'],
  ['realised_profit', 'realised profit, KRW'],
];

export function proofRow(proof: MarketProof): ProofRow {
  const recorded = figuresRow(proof.recorded);
  const rebuilt = figuresRow(proof.rebuilt);
  const differences = HEADINGS.map(([figure]) => figure).filter((figure) => recorded[figure] !== rebuilt[figure]);
  return { market: proof.market, proven: proof.differences.length === 0, recorded, rebuilt, differences };
}

/** Both figures of every market side by side, and what differs. */
export function proofText(account: string, markets: readonly ProofRow[]): string {
  const wrong = markets.filter(({ proven }) => !proven).map(({ market }) => market);
  const verdict =
    wrong.length === 0
      ? `The ledger of ${account} is proven: its entries, booked again, give the same figures.`
      : `The ledger of ${account} is NOT proven: ${wrong.join(', ')}.`;
  return [verdict, ...markets.map(marketText)].join('\n\n');
}

function marketText({ market, proven, recorded, rebuilt, differences }: ProofRow): string {
  const rows = HEADINGS.map(([figure, heading]) => ({
    figure: heading,
    recorded: shown(recorded[figure]),
    rebuilt: shown(rebuilt[figure]),
    verdict: differences.includes(figure) ? 'differs' : '',
  }));
  return renderTable(rows, [
    ['figure', market],
    ['recorded', 'RECORDED'],
    ['rebuilt', 'REBUILT'],
    ['verdict', proven ? 'proven' : 'NOT PROVEN'],
  ]);
}

function shown(amount: string | null): string {
  return amount === null ? '' : grouped(amount);
}

function figuresRow(figures: LedgerFigures): FiguresRow {
  return {
    cash: figures.cash,
    reserved_cash: figures.reservedCash,
    quantity: figures.quantity,
    reserved_quantity: figures.reservedQuantity,
    cost: figures.cost,
    average_cost: figures.quantity === '0' ? null : averageCost(figures),
    realised_profit: figures.realisedProfit,
  };
}
