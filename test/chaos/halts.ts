/**
 * Two hundred halts against a bot that orders about every second, while parts of it are killed or stopped at random; ends
 * with 1 when a create was seen after a halt had returned. A fresh bot every 40 halts.
 *
 *     node test/chaos/halts.ts [halts] [seed] [speed]
 */
import { type HaltOfStorm, haltInAStorm } from './halt-storm.ts';

const HALTS_A_BOT = 40;
const total = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? 1);
const speed = Number(process.argv[4] ?? 60);

const halts: HaltOfStorm[] = [];
let creates = 0;
let equal = true;
for (let bots = 0; halts.length < total; bots += 1) {
  const result = await haltInAStorm({
    halts: Math.min(HALTS_A_BOT, total - halts.length),
    seed: seed + bots,
    speed,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  halts.push(...result.halts);
  creates += result.creates;
  equal &&= result.ledgerEqualsExchange;
}

const took = halts.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
const after = halts.reduce((sum, { afterReturn }) => sum + afterReturn.length, 0);
const report = {
  halts: halts.length,
  halted: halts.filter(({ halted }) => halted).length,
  proven: halts.filter(({ proven }) => proven).length,
  creates,
  creates_after_return: after,
  took_ms: { median: at(0.5), p90: at(0.9), most: at(1) },
  ledger_equals_exchange: equal,
};
const struck = Object.fromEntries(
  Object.entries(Object.groupBy(halts, ({ victim }) => victim ?? 'nothing')).map(([name, list]) => [
    name,
    list?.length,
  ]),
);
process.stdout.write(`${JSON.stringify({ ...report, struck }, null, 2)}\n`);
if (after > 0 || report.halted < halts.length || !equal) process.exitCode = 1;
