import { baseCurrency } from '../../config/market.ts';
import { resumeTrading } from '../../db/trading-state.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import { Exact } from '../../exchange/matching/exact.ts';
import { ACCOUNT, BOT_ID, createClient } from './bot.ts';
import type { Halted } from './check.ts';
import { inHost } from './host.ts';
import { MINUTE } from './market.ts';
import { OWNERS_KRW, type Scene } from './scene.ts';

/** How often in a candle, at usual intensity. */
const RARITY = {
  'Temporal loses its database': 0.01,
  'the trader is killed': 0.02,
  'the trader stands still': 0.02,
  'somebody halts trading': 0.01,
  'somebody buys by hand': 0.01,
  'somebody deposits won': 0.01,
  'the exchange changes its fee': 0.01,
} as const;

type Happening = keyof typeof RARITY;

/** What happens around the bot by no doing of its own, with a record of its own for the end. */
export class Happenings {
  readonly halts: Halted[] = [];
  /** What the account would hold without the bot. */
  readonly owner = { krw: new Exact(OWNERS_KRW), coins: new Map<string, InstanceType<typeof Exact>>() };
  readonly #scene: Scene;
  #halting = false;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** What of it happens in candle `n`, at some moment of it. */
  disturb(n: number): void {
    const { world, intensity } = this.#scene;
    const { chance, time, faults, intervalMs } = world;
    for (const [what, share] of Object.entries(RARITY) as [Happening, number][]) {
      const step = `${what} ${n}`;
      if (chance.of(`${step} at all`) >= share * intensity) continue;
      time.after(chance.between(`${step} when`, 0, intervalMs), () => {
        if (faults.strike(step, { [what]: Number.POSITIVE_INFINITY }) !== undefined) this.#happen(what, step);
      });
    }
  }

  #happen(what: Happening, step: string): void {
    const { world, temporal, exchange, trader } = this.#scene;
    const host = trader();
    const happen: Record<Happening, () => void> = {
      'Temporal loses its database': () => temporal.wipe(),
      'the trader is killed': () => {
        if (host !== undefined) world.kill(host);
      },
      'the trader stands still': () => {
        if (host?.alive) world.standStill(host, step);
      },
      'somebody halts trading': () => this.halt(step),
      'somebody buys by hand': () => this.#buyByHand(step),
      'somebody deposits won': () => {
        exchange.deposit('KRW', '50000');
        this.owner.krw = this.owner.krw.plus(50_000);
      },
      'the exchange changes its fee': () => {
        exchange.feeRate = new Exact(world.chance.oneOf(step, ['0.0004', '0.0005', '0.0008']));
      },
    };
    happen[what]();
  }

  /** `durabit halt`, and a little later `durabit unhalt`; one at a time. */
  halt(step: string): void {
    if (this.#halting) return;
    this.#halting = true;
    const { world, build, calm } = this.#scene;
    const { time, story, chance, intervalMs } = world;
    inHost(calm.host, `halt at ${step}`, async () => {
      const clock = createExchangeClock(MINUTE / intervalMs);
      const exchange = createClient(intervalMs, clock);
      await build.halt({
        ...{ db: calm.db, account: ACCOUNT, botId: BOT_ID, reason: 'simulated' },
        reached: { kind: 'reached', address: 'simulated', exchange, clock },
        giveUpAt: performance.now() + 20_000,
        say: (line) => story.trace(line),
      });
      const halted: Halted = { from: time.now, until: undefined };
      this.halts.push(halted);
      story.tell('halt returns: from here nothing may be sent');
      await new Promise((resolve) => setTimeout(resolve, chance.between(`halt at ${step} lasts`, 0.2, 2) * intervalMs));
      halted.until = time.now;
      story.tell('trading is resumed');
      await resumeTrading(calm.db, ACCOUNT, 'simulated');
    })
      .catch((error: unknown) => story.tell(`halting failed: ${error}`))
      .finally(() => {
        this.#halting = false;
      });
  }

  #buyByHand(step: string): void {
    const { world, exchange, feeds } = this.#scene;
    const markets = [...feeds.keys()];
    const market = markets[Math.floor(world.chance.of(step) * markets.length)] ?? markets[0];
    if (market === undefined) return;
    const before = { krw: exchange.total('KRW'), coin: exchange.coinOf(market) };
    if (!exchange.buyByHand(market, '20000')) return;
    const { owner } = this;
    const coin = baseCurrency(market);
    owner.krw = owner.krw.plus(exchange.total('KRW')).minus(before.krw);
    owner.coins.set(coin, (owner.coins.get(coin) ?? new Exact(0)).plus(exchange.coinOf(market)).minus(before.coin));
  }
}
