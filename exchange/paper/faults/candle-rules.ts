import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../config/user-error.ts';
import { readJsonFile } from '../../../process/json-file.ts';
import { MINUTE_MS } from '../feed/minute-candle.ts';
import { minuteStart } from '../feed/visible.ts';
import { writeDurably } from '../state/durable-file.ts';
import { strikesByChance } from './chance.ts';
import { type CandleRule, isCandleRule, ruleSchema } from './rule.ts';

/**
 * Rules about candles: which minute of which market each strikes. They are kept in the state folder, and a minute once
 * struck stays so: what the lists showed must not change because a rule was taken back or the exchange was killed.
 */
export interface CandleRules {
  /** @throws {UserError} when it names a minute that has begun. */
  add(id: string, rule: CandleRule, now: number): void;
  /** Strikes no minute that starts after `now` any more. */
  end(id: string, now: number): boolean;
  /** The first rule of this kind that strikes the minute. */
  striking<K extends CandleRule['kind']>(
    kind: K,
    market: string,
    start: number,
  ): Extract<CandleRule, { kind: K }> | undefined;
  readonly all: Iterable<KeptRule>;
  /** How many minutes that have begun the rule struck. */
  struck(kept: KeptRule, markets: Iterable<string>, now: number): number;
}

/** A rule and the minutes it is about: those that start at `from` or later and before `until` (epoch ms). */
interface KeptRule {
  readonly id: string;
  readonly rule: CandleRule;
  readonly from: number;
  readonly until?: number | undefined;
}

type Strikes = (market: string, start: number) => boolean;

const keptSchema = z.array(
  z.strictObject({ id: z.string(), rule: ruleSchema, from: z.int(), until: z.int().optional() }),
);

export function openCandleRules(folder: string): CandleRules {
  const path = join(folder, 'candle-faults.json');
  const entries = new Map<string, { kept: KeptRule; strikes: Strikes }>();
  const put = (kept: KeptRule): void => {
    entries.set(kept.id, { kept, strikes: strikesOf(kept) });
  };
  const save = (): void => writeDurably(path, JSON.stringify([...entries.values()].map(({ kept }) => kept)));
  for (const kept of readKept(path)) put(kept);

  return {
    add(id, rule, now) {
      const from = minuteStart(now) + MINUTE_MS;
      const begun = rule.minutes?.find((minute) => Date.parse(minute) < from);
      if (begun !== undefined) throw new UserError(`minute ${begun} has begun; name minutes that start later`);
      put({ id, rule, from });
      save();
    },
    end(id, now) {
      const kept = entries.get(id)?.kept;
      if (kept === undefined) return false;
      const until = Math.min(kept.until ?? Number.POSITIVE_INFINITY, minuteStart(now) + MINUTE_MS);
      if (until <= kept.from) entries.delete(id);
      else put({ ...kept, until });
      save();
      return true;
    },
    striking<K extends CandleRule['kind']>(kind: K, market: string, start: number) {
      for (const { kept, strikes } of entries.values()) {
        if (kept.rule.kind === kind && strikes(market, start)) return kept.rule as Extract<CandleRule, { kind: K }>;
      }
      return undefined;
    },
    get all() {
      return [...entries.values()].map(({ kept }) => kept);
    },
    struck({ id, from }, markets, now) {
      const strikes = entries.get(id)?.strikes ?? (() => false);
      let count = 0;
      for (const market of markets) {
        for (let start = from; start <= now; start += MINUTE_MS) if (strikes(market, start)) count += 1;
      }
      return count;
    },
  };
}

function strikesOf({ rule, from, until = Number.POSITIVE_INFINITY }: KeptRule): Strikes {
  const chosen = chosenMinutes(rule, from);
  return (market, start) =>
    start >= from && start < until && (rule.market ?? market) === market && chosen(market, start);
}

function chosenMinutes(rule: CandleRule, from: number): Strikes {
  if (rule.minutes !== undefined) {
    const starts = new Set(rule.minutes.map((minute) => minuteStart(Date.parse(minute))));
    return (_market, start) => starts.has(start);
  }
  if (rule.next !== undefined) {
    const end = from + rule.next * MINUTE_MS;
    return (_market, start) => start < end;
  }
  const byMarket = new Map<string, (position: number) => boolean>();
  return (market, start) => {
    const byChance = byMarket.get(market) ?? strikesByChance(rule, `${rule.kind}/${market}`);
    byMarket.set(market, byChance);
    return byChance(start / MINUTE_MS);
  };
}

function readKept(path: string): KeptRule[] {
  const isKept = (value: unknown): value is unknown[] =>
    keptSchema.safeParse(value).data?.every(({ rule }) => isCandleRule(rule)) === true;
  return keptSchema.parse(
    readJsonFile(path, isKept, 'remove it to run without faults in the candles') ?? [],
  ) as KeptRule[];
}
