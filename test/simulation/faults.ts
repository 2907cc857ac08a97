import type { Chance } from './chance.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A fault that struck, and where: striking there again is all it takes to have it again. */
export interface StruckFault {
  readonly step: string;
  readonly kind: string;
}

/** How often each kind strikes a step, as a fraction. */
export type Rates<K extends string> = Readonly<Record<K, number>>;

export interface FaultOptions {
  /** Times the usual rates. */
  readonly intensity: number;
  /** Times the usual rates where an order is sent; 1 when absent. */
  readonly onOrders?: number | undefined;
  /** By step, the faults that strike and no others; what chance says when absent. */
  readonly given?: ReadonlyMap<string, string> | undefined;
}

/** How much likelier another fault is where one has just struck an order: what is rare alone is what goes wrong together. */
const TROUBLE = 12;
/** For how long: what an order goes through after an uncertain answer takes about so long. */
const TROUBLE_MS = 7_000;

/** What goes wrong in a history: decided by chance at each step, by name, so that shrinking can leave faults out. */
export class Faults {
  readonly struck: StruckFault[] = [];
  /** From when on nothing goes wrong any more. */
  over = false;
  #troubleUntil = 0;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #story: Story;
  readonly #options: FaultOptions;

  constructor(time: VirtualTime, chance: Chance, story: Story, options: FaultOptions) {
    this.#time = time;
    this.#chance = chance;
    this.#story = story;
    this.#options = options;
  }

  /**
   * The fault that strikes at this step, if one does.
   *
   * @param where whether an order is being sent: then others are likelier for a while after it
   */
  strike<K extends string>(step: string, rates: Rates<K>, where: 'order' | 'anywhere' = 'anywhere'): K | undefined {
    if (this.over) return undefined;
    const kind = this.#options.given === undefined ? this.#drawn(step, rates, where) : this.#given(step, rates);
    if (kind === undefined) return undefined;
    this.struck.push({ step, kind });
    this.#story.tell(`FAULT ${kind}, at ${step}`);
    if (where === 'order') this.#troubleUntil = this.#time.now + TROUBLE_MS;
    return kind;
  }

  #drawn<K extends string>(step: string, rates: Rates<K>, where: 'order' | 'anywhere'): K | undefined {
    const { intensity, onOrders = 1 } = this.#options;
    const trouble = this.#time.now < this.#troubleUntil ? TROUBLE : 1;
    const times = intensity * (where === 'order' ? onOrders : trouble);
    let left = this.#chance.of(`fault at ${step}`) / times;
    for (const kind in rates) {
      left -= rates[kind];
      if (left < 0) return kind;
    }
    return undefined;
  }

  #given<K extends string>(step: string, rates: Rates<K>): K | undefined {
    const kind = this.#options.given?.get(step);
    return kind !== undefined && kind in rates ? (kind as K) : undefined;
  }
}
