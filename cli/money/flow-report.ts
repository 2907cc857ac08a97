import { userInfo } from 'node:os';
import type { MarketAccount } from '../../db/market-accounts.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { renderJson } from '../output.ts';
import { subAccountRow, subAccountTable } from './sub-account.ts';

/** Options of every command that moves the owner's money. */
export interface FlowOptions extends CommonOptions {
  readonly note?: string;
  readonly reference?: string;
}

export function defaultNote(command: string): string {
  return `${userInfo().username} with durabit ${command}`;
}

/** Says what moved, or that its reference had been recorded before, and shows the sub-accounts afterwards. */
export function reportFlow(
  context: CommandContext,
  options: FlowOptions,
  flow: {
    readonly recorded: boolean;
    readonly marketAccount: MarketAccount;
    /** The other market of a transfer. */
    readonly from?: MarketAccount | undefined;
    /** What moved, as a sentence. */
    readonly done: string;
  },
): void {
  const rows = [flow.marketAccount, ...(flow.from ? [flow.from] : [])].map(subAccountRow);
  const said = flow.recorded ? flow.done : `Reference "${options.reference}" was recorded before: nothing changed.`;
  if (options.json) {
    const [row, from] = rows;
    context.output.note(said);
    context.output.result(renderJson({ ...row, recorded: flow.recorded, ...(from && { from }) }));
  } else {
    context.output.result(`${said}\n\n${subAccountTable(rows)}`);
  }
}
