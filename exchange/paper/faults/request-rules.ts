import { strikesByChance } from './chance.ts';
import { ACCOUNT_READS, type RequestRule } from './rule.ts';

/** Where in the life of a request a rule has its say. At most one rule has it at each place. */
export type Place = 'wait' | 'instead' | 'late' | 'lag' | 'date' | 'wait-after' | 'answer';

/** The rule of each place that strikes one request. */
export type Struck = ReadonlyMap<Place, RequestRule & { readonly id: string }>;

/** Rules about requests: which of them strikes which. */
export interface RequestRules {
  add(id: string, rule: RequestRule): void;
  remove(id: string): boolean;
  /** @param markets of the request, where a rule asks for them. */
  strike(endpoint: string, markets: () => readonly string[]): Struck;
  readonly all: Iterable<{ readonly id: string; readonly rule: RequestRule; readonly struck: number }>;
}

interface Entry {
  readonly id: string;
  readonly rule: RequestRule;
  readonly byChance: (position: number) => boolean;
  /** Requests the rule was asked about. */
  asked: number;
  struck: number;
}

/** What a rule at one place leaves no room for: without an effect nothing is late, without a client nothing is answered. */
const EXCLUDES: readonly (readonly [Place, readonly Place[]])[] = [
  ['instead', ['late', 'wait-after', 'answer']],
  ['late', ['wait-after', 'answer']],
];

export function createRequestRules(): RequestRules {
  const entries = new Map<string, Entry>();
  return {
    add(id, rule) {
      const byChance = strikesByChance(rule, `${rule.kind}/${rule.endpoint}/${rule.market ?? ''}`);
      entries.set(id, { id, rule, byChance, asked: 0, struck: 0 });
    },
    remove: (id) => entries.delete(id),
    strike(endpoint, markets) {
      const places = new Map<Place, Entry>();
      for (const entry of entries.values()) {
        if (!concerns(entry.rule, endpoint, markets)) continue;
        const place = placeOf(entry.rule);
        if (isDue(entry) && !places.has(place)) places.set(place, entry);
        entry.asked += 1;
      }
      for (const [place, excluded] of EXCLUDES) {
        if (places.has(place)) for (const other of excluded) places.delete(other);
      }
      for (const entry of places.values()) entry.struck += 1;
      return new Map([...places].map(([place, { id, rule }]) => [place, { ...rule, id }]));
    },
    get all() {
      return entries.values();
    },
  };
}

function concerns(rule: RequestRule, endpoint: string, markets: () => readonly string[]): boolean {
  if (rule.endpoint !== '*' && rule.endpoint !== endpoint) return false;
  if (rule.kind === 'read-lag' && !(ACCOUNT_READS as readonly string[]).includes(endpoint)) return false;
  return rule.market === undefined || markets().includes(rule.market);
}

function isDue({ rule, byChance, asked, struck }: Entry): boolean {
  return rule.next === undefined ? byChance(asked) : struck < rule.next;
}

function placeOf(rule: RequestRule): Place {
  switch (rule.kind) {
    case 'delay':
      return rule.when === 'before' ? 'wait' : 'wait-after';
    case 'reset':
    case 'http-500':
    case 'garbage':
      return rule.when === 'before' ? 'instead' : 'answer';
    case 'truncated':
      return 'answer';
    case 'accept-late':
      return 'late';
    case 'read-lag':
      return 'lag';
    case 'clock-skew':
      return 'date';
    default:
      return 'instead';
  }
}
