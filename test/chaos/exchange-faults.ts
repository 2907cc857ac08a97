import { setTimeout as sleep } from 'node:timers/promises';
import { hashAt, hashText } from '../../exchange/numbers/noise.ts';
import type { FaultControl, NewFaultRule } from '../support/fault-control.ts';

const POST = 'POST /v1/orders';

/** What goes wrong at the exchange by chance; the probabilities are of each request, or of each minute. */
const RULES: readonly (readonly [kind: string, rule: NewFaultRule, probability: number])[] = [
  ['connection reset before the effect', { kind: 'reset', when: 'before' }, 0.008],
  ['connection reset after the effect', { kind: 'reset', when: 'after' }, 0.008],
  ['late effect', { kind: 'delay', when: 'before', delay_ms: 400 }, 0.01],
  ['late answer', { kind: 'delay', when: 'after', delay_ms: 400 }, 0.01],
  ['answer later than anybody waits', { kind: 'delay', when: 'after', delay_ms: 3_500, endpoint: POST }, 0.02],
  ['500 before the effect', { kind: 'http-500', when: 'before' }, 0.008],
  ['500 after the effect', { kind: 'http-500', when: 'after' }, 0.008],
  ['unreadable answer', { kind: 'garbage', when: 'after' }, 0.006],
  ['answer cut off', { kind: 'truncated' }, 0.006],
  ['429', { kind: 'http-429' }, 0.008],
  ['market offline', { kind: 'market-offline', endpoint: POST }, 0.02],
  ['too many orders', { kind: 'too-many-request-order' }, 0.02],
  ['refused, identifier burned', { kind: 'burned-identifier' }, 0.02],
  ['accepted late, connection closed', { kind: 'accept-late', delay_ms: 900, connection: 'closed' }, 0.02],
  ['accepted late, connection kept', { kind: 'accept-late', delay_ms: 2_500, connection: 'kept' }, 0.01],
  ['reads lag behind', { kind: 'read-lag', lag_ms: 500 }, 0.02],
  ['clock ahead', { kind: 'clock-skew', skew_ms: 2_000 }, 0.005],
  ['clock behind', { kind: 'clock-skew', skew_ms: -2_000 }, 0.005],
  ['minute without a trade', { kind: 'idle' }, 0.02],
  ['late candle', { kind: 'late-candle', late_ms: 10_000 }, 0.02],
  ['late trade', { kind: 'late-trade', late_ms: 20_000 }, 0.02],
];

/** Every kind of fault that is kept at the exchange, as the report names it. */
export const EXCHANGE_FAULTS = RULES.map(([kind]) => nameOf(kind));

/** How often each kind struck, at least: what a killed exchange did since the last look is not counted. */
export type StruckAtExchange = Readonly<Record<string, number>>;

export interface KeptRules {
  /** Takes them back for a while. */
  suspend(): Promise<void>;
  resume(): void;
  end(): Promise<StruckAtExchange>;
}

const LOOK_EVERY_MS = 250;

/** Keeps the rules in force at an exchange that forgets those about requests whenever it is killed. */
export function keepRules(
  control: Pick<FaultControl, 'add' | 'rules' | 'remove'>,
  seed: number,
  lookEveryMs = LOOK_EVERY_MS,
): KeptRules {
  const counts = new Map<string, { earlier: number; seen: number; added: number }>();
  let suspended = false;
  let ended = false;

  async function look(): Promise<void> {
    const there = new Map((await control.rules()).map((rule) => [rule.id, rule]));
    for (const [id, rule, probability] of RULES) {
      const count = counts.get(id) ?? { earlier: 0, seen: 0, added: 0 };
      const struck = there.get(id)?.struck ?? 0;
      if (struck < count.seen) count.earlier += count.seen;
      count.seen = struck;
      counts.set(id, count);
      // Rules about minutes outlive being taken back, so that what lists showed does not change.
      if (suspended || there.has(id)) continue;
      // A rule begins its draws anew with each exchange: of the same seed the same first few would be all that are ever
      // drawn ("too many orders" struck none of 505 orders so).
      const draws = isAboutMinutes(rule.kind) ? 0 : count.added;
      await control.add({ ...rule, id, probability, seed: hashAt(hashText(`${seed}/${id}`), 0, draws) });
      count.added += 1;
    }
  }

  const keeping = (async () => {
    while (!ended) {
      // Killed, or starting.
      if (!suspended) await look().catch(() => undefined);
      await sleep(lookEveryMs);
    }
  })();

  return {
    async suspend() {
      suspended = true;
      await look().catch(() => undefined);
      for (const [id, { kind }] of RULES) {
        if (!isAboutMinutes(kind)) await control.remove(id).catch(() => undefined);
      }
    },
    resume() {
      suspended = false;
    },
    async end() {
      ended = true;
      await keeping;
      await look().catch(() => undefined);
      return Object.fromEntries([...counts].map(([id, { earlier, seen }]) => [nameOf(id), earlier + seen]));
    },
  };
}

function isAboutMinutes(kind: NewFaultRule['kind']): boolean {
  return kind === 'idle' || kind === 'late-candle' || kind === 'late-trade';
}

function nameOf(kind: string): string {
  return `exchange: ${kind}`;
}
