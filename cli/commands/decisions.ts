import { readDecisions } from '../../db/decisions.ts';
import { type ListOptions, listCommand } from './list-command.ts';

/** One row per closed candle, newest first: what was decided and why. */
export function decisions(options: ListOptions): Promise<void> {
  return listCommand(options, {
    read: readDecisions,
    columns: [
      ['candle', 'CANDLE'],
      ['market', 'MARKET'],
      ['action', 'ACTION'],
      ['score', 'SCORE'],
      ['reason', 'REASON'],
    ],
    none: 'no decisions yet',
  });
}
