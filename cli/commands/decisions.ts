import { readDecisions } from '../../db/decisions.ts';
import { type ListOptions, listCommand } from './list-command.ts';

/** One row per closed candle, newest first: what was decided, on which optimizer result (none: default weights), and why. */
export function decisions(options: ListOptions): Promise<void> {
  return listCommand(options, {
    read: readDecisions,
    columns: [
      ['candle', 'CANDLE'],
      ['market', 'MARKET'],
      ['action', 'ACTION'],
      ['score', 'SCORE'],
      ['optimizer_result', 'RESULT'],
      ['reason', 'REASON'],
    ],
    none: 'no decisions yet',
  });
}
