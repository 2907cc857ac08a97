/**
 * Two hundred halts against a bot that orders about every second, while parts of it are killed or stopped at random; ends
 * with 1 when a create was seen after a halt had returned, or nothing was shown. A fresh bot every 40 halts.
 *
 *     node test/chaos/halts.ts [halts] [seed] [speed]
 */
import { type HaltOfStorm, haltInAStorm } from './halt-storm.ts';
import { stormFailures, stormReport } from './storm-report.ts';

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

const report = stormReport({ halts, creates, ledgerEqualsExchange: equal });
const failures = stormFailures(report);
for (const line of failures) process.stderr.write(`FAILED  ${line}\n`);
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
if (failures.length > 0) process.exitCode = 1;
