import { settleAsNotSent } from '../../activities/trading/settle-as-not-sent.ts';
import { baseCurrency } from '../../config/market.ts';
import { findUnfinishedOrders } from '../../db/orders.ts';
import { resumeTrading, SENDING_WINDOW_MS } from '../../db/trading-state.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import { Exact } from '../../exchange/matching/exact.ts';
import { ACCOUNT, BOT_ID, createClient } from './bot.ts';
import type { Halted } from './check.ts';
import { inHost } from './host.ts';
import { MINUTE } from './market.ts';
import { LATEST_MS } from './network.ts';
import { OWNERS_KRW, type Scene } from './scene.ts';

/** How often in a candle, at usual intensity. */
const RARITY = {
  'Temporal loses its database': 0.01,
  'the trader is killed': 0.02,
  'the trader stands still': 0.02,
  'the machine is suspended': 0.01,
  'nobody listens at the exchange for a while': 0.015,
  'somebody halts trading': 0.01,
  'somebody buys by hand': 0.01,
  'somebody deposits won': 0.01,
  'the exchange changes its fee': 0.01,
  'an owner ends an unknown order': 0.1,
} as const;

type Happening = keyof typeof RARITY;

/** What happens around the bot by no doing of its own, with a record of its own for the end. */
export class Happenings {
  readonly halts: Halted[] = [];
  /** Halts that were not brought to their end, whether or not trading was halted by then. */
  failedHalts = 0;
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
    const { chance, time, intervalMs } = world;
    for (const [what, share] of Object.entries(RARITY) as [Happening, number][]) {
      const step = `${what} ${n}`;
      if (chance.of(`${step} at all`) >= share * intensity) continue;
      time.after(chance.between(`${step} when`, 0, intervalMs), () => {
        if (what === 'an owner ends an unknown order') this.#endUnknown(step);
        else if (this.#strikes(what, step)) this.#happen(what, step);
      });
    }
  }

  #strikes(what: Happening, step: string): boolean {
    return this.#scene.world.faults.strike(step, { [what]: Number.POSITIVE_INFINITY }) !== undefined;
  }

  #happen(what: Exclude<Happening, 'an owner ends an unknown order'>, step: string): void {
    const { world, temporal, exchange, trader } = this.#scene;
    const host = trader();
    const happen: Record<typeof what, () => void> = {
      'Temporal loses its database': () => temporal.wipe(),
      'the trader is killed': () => {
        if (host !== undefined) world.kill(host);
      },
      'the trader stands still': () => {
        if (host?.alive) world.standStill(host, step);
      },
      'the machine is suspended': () => world.suspend(step),
      'nobody listens at the exchange for a while': () => {
        const ms = 200 + 15_000 * world.chance.of(`${step} lasts`) ** 2;
        world.nobodyListensUntil = world.time.now + ms;
        world.story.tell(`nobody listens at the exchange for ${Math.round(ms)} ms`);
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
    inHost(this.#scene.calm.host, `halt at ${step}`, () => this.#haltAndResume(step))
      .catch((error: unknown) => this.#scene.world.story.tell(`resuming failed: ${error}`))
      .finally(() => {
        this.#halting = false;
      });
  }

  async #haltAndResume(step: string): Promise<void> {
    const { world, build, calm } = this.#scene;
    const { time, story, chance, intervalMs } = world;
    const clock = createExchangeClock(MINUTE / intervalMs);
    const exchange = createClient(intervalMs, clock);
    let committedAt: number | undefined;
    try {
      await build.halt({
        ...{ db: calm.db, account: ACCOUNT, botId: BOT_ID, reason: 'simulated' },
        reached: { kind: 'reached', address: 'simulated', exchange, clock },
        giveUpAt: performance.now() + 20_000,
        say: (line) => story.trace(line),
        onHalted: () => {
          committedAt = time.now;
        },
      });
    } catch (error) {
      this.failedHalts += 1;
      story.tell(`halting failed: ${error}`);
      if (committedAt === undefined) return;
    }
    // What it could not end rests or is unknown; that nothing is sent any more holds all the same.
    const halted: Halted = { from: Math.max(time.now, (committedAt ?? 0) + SENDING_WINDOW_MS), until: undefined };
    this.halts.push(halted);
    story.tell('halt returns: from here nothing may be sent');
    await new Promise((resolve) => setTimeout(resolve, chance.between(`halt at ${step} lasts`, 0.2, 2) * intervalMs));
    halted.until = time.now;
    story.tell('trading is resumed');
    await resumeTrading(calm.db, ACCOUNT, 'simulated');
  }

  /** `durabit orders settle`, by somebody who waited until nothing could be on its way any more. */
  #endUnknown(step: string): void {
    const { world, calm } = this.#scene;
    const { story, intervalMs, chance } = world;
    inHost(calm.host, `settle at ${step}`, async () => {
      const unknown = (await findUnfinishedOrders(calm.db, ACCOUNT)).filter(({ status }) => status === 'unknown');
      const order = unknown[Math.floor(chance.of(step) * unknown.length)];
      if (order === undefined || !this.#strikes('an owner ends an unknown order', step)) return;
      await new Promise((resolve) => setTimeout(resolve, LATEST_MS));
      const clock = createExchangeClock(MINUTE / intervalMs);
      const deps = { db: calm.db, exchange: createClient(intervalMs, clock), clock };
      const { kind } = await settleAsNotSent(deps, order.identifier, 'its owner says so');
      story.tell(`owner: ${order.identifier} was never sent (${kind})`);
    }).catch((error: unknown) => story.tell(`ending an unknown order failed: ${error}`));
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
