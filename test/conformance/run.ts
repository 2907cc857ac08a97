/**
 * What `npm run conformance` runs: our client against paper exchanges of its own, through every endpoint, side, type of order
 * and error there is, and over the real answers of Upbit's that are at hand. Ends with 1 when something does not conform, and
 * when something is left out. `--json`: the result as one JSON document.
 */
import { parseArgs } from 'node:util';
import { conformance } from './conformance.ts';
import { reportOf, rowOf, summaryOf } from './report.ts';
import { SUITES } from './suites.ts';

const { json } = readOptions();
// The channel to the door must not keep a finished run alive.
process.channel?.unref();
const findings = await conformance(SUITES, (finding) => (json ? console.error : console.log)(rowOf(finding)));
const report = reportOf(findings);
console.log(json ? JSON.stringify(report, null, 2) : summaryOf(report));
process.exitCode = report.do_not === 0 ? 0 : 1;

function readOptions(): { readonly json: boolean } {
  try {
    return parseArgs({ options: { json: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    console.error(`conformance: ${(error as Error).message}\nusage: npm run conformance -- [--json]`);
    process.exit(2);
  }
}
