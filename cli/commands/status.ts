import { type CommonOptions, commandContext } from '../context.ts';
import { pageOf, renderJson } from '../output.ts';
import { readStatus } from '../status/read-status.ts';
import { statusText } from '../status/status-text.ts';
import { findRemarks, findWrong } from '../status/wrong.ts';

/**
 * One screen: what runs, what it holds, what it decided last and why, what is open, what is wrong. Ends with 1 when it
 * does not run or something is wrong; remarks alone end with 0.
 */
export async function status(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  const facts = await readStatus(context);
  const found = { wrong: findWrong(facts), remarks: findRemarks(facts) };
  const working = facts.workers.some(({ workers }) => workers.length > 0);
  const running = facts.instance?.supervised === true || working;
  context.output.result(
    options.json ? renderJson({ running, ...facts, ...found }) : statusText(facts, found, pageOf()),
  );
  if (found.wrong.length > 0) process.exitCode = 1;
}
