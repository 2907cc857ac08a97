import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Market } from '../../../config/market.ts';
import { UserError } from '../../../config/user-error.ts';
import type { PublicRelay } from '../../upbit/quotation/relay.ts';
import { writeDurably } from '../state/durable-file.ts';

const keptSchema = z.array(z.looseObject({ market: z.string() }));

/** A market as the source lists it, with whatever it warns of. */
type ListedMarket = Readonly<Record<string, unknown>>;

/** Of the source's list of markets those that are here. It outlives the source's silence: a list is no price. */
export interface MarketList {
  /** Asks the source. @throws what `exchange/errors.ts` names */
  refresh(): Promise<void>;
  /** Markets that the source did not list when it was last asked. */
  missing(): readonly Market[];
  /** The list, with its warnings or without. */
  shown(details: boolean): readonly ListedMarket[];
}

/** @throws {UserError} when the list that was kept is damaged */
export function openMarketList(folder: string, relay: PublicRelay, markets: readonly Market[]): MarketList {
  const path = join(folder, 'markets.json');
  let text = existsSync(path) ? readFileSync(path, 'utf8') : '[]';
  let listed = readList(path, text);
  return {
    async refresh() {
      const { body } = await relay('markets', [['is_details', 'true']]);
      // No number is among its fields, and it was understood before it was handed on.
      const all = JSON.parse(body) as ListedMarket[];
      listed = markets.flatMap((market) => all.filter((one) => one.market === market));
      const wanted = JSON.stringify(listed);
      if (wanted !== text) writeDurably(path, wanted);
      text = wanted;
    },
    missing: () => markets.filter((market) => !listed.some((one) => one.market === market)),
    shown: (details) => (details ? listed : listed.map(namesOf)),
  };
}

function namesOf({ market, korean_name, english_name }: ListedMarket): ListedMarket {
  return { market, korean_name, english_name };
}

function readList(path: string, text: string): readonly ListedMarket[] {
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch {
    // Falls through: what is no JSON is as bad as what is no list.
  }
  throw new UserError(`${path}: the paper exchange's list of markets is damaged; remove it, and it is asked for again`);
}
