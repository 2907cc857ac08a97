import { UserError } from '../../config/user-error.ts';
import { type CommonOptions, commandContext, readyInstance } from '../context.ts';
import { describedBot } from '../described-bot.ts';
import { checkBot } from '../doctor/bot-checks.ts';
import type { Finding } from '../doctor/check.ts';
import { checkMachine } from '../doctor/machine-checks.ts';
import { renderJson } from '../output.ts';

/** Checks everything the bot needs, shows what to mend, and ends with 1 when something is wrong. */
export async function doctor(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  const { DATABASE_URL: database, TEMPORAL_ADDRESS: temporal } = context.settings;
  // Ports that a bot uses are not free, and one whose servers are all elsewhere uses none here.
  const running = readyInstance(context) !== null || describedBot(context.settings) !== null;
  const findings = await checkMachine(context, running);
  const reachable = running || database !== undefined || temporal !== undefined;
  if (reachable) findings.push(...(await checkBot(context)));
  context.output.result(options.json ? renderJson(findings) : findings.map(line).join('\n'));
  if (!reachable) context.output.note('durabit is not running here: checked the machine only');
  const wrong = findings.filter((finding) => !finding.ok).length;
  if (wrong > 0) throw new UserError(`${wrong} of ${findings.length} checks found something to mend`);
}

function line(finding: Finding): string {
  const mark = finding.ok ? 'ok  ' : 'BAD ';
  return `${mark} ${finding.check}: ${finding.detail}${finding.cure === null ? '' : `\n     → ${finding.cure}`}`;
}
