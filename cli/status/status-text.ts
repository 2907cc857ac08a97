import { type Page, wrapped } from '../output.ts';
import { botText } from './bot.ts';
import { collectionText } from './collection.ts';
import { decisionsText } from './decisions.ts';
import type { Finding, Remark, StatusFacts } from './facts.ts';
import { holdingsText } from './holdings.ts';
import { ordersText } from './orders.ts';
import { partsText } from './parts.ts';
import { streamsText } from './streams.ts';
import { weightsText } from './weights.ts';
import { workersText } from './workers.ts';

/** More than this no screen shows beside the rest; the JSON has them all. */
const SHOWN_FINDINGS = 10;

/** The whole screen. */
export function statusText(
  facts: StatusFacts,
  { wrong, remarks }: { readonly wrong: readonly Finding[]; readonly remarks: readonly Remark[] },
  page: Page,
): string {
  const traded = facts.positions.length > 0;
  const sections = [
    botText(facts, page),
    ...(facts.parts.length === 0 ? [] : [partsText(facts, page)]),
    ...(facts.workers.length === 0 ? [] : [workersText(facts, page)]),
    ...(facts.streams.length === 0 ? [] : [streamsText(facts, page)]),
    ...(facts.stored ? [holdingsText(facts, page)] : []),
    ...(facts.decisions.length === 0 ? [] : [`${decisionsText(facts, page)}\n${weightsText(facts, page)}`]),
    ...(traded ? [ordersText(facts, page)] : []),
    ...(facts.stored ? [collectionText(facts.candles, page)] : []),
    ...(remarks.length === 0 ? [] : [findingsText('REMARKS', remarks, page)]),
    wrong.length === 0 ? painted('WRONG nothing', GREEN, page) : findingsText(painted('WRONG', RED, page), wrong, page),
  ];
  return sections.join('\n\n');
}

const GREEN = 32;
const RED = 31;

function painted(text: string, colour: number, { colours }: Page): string {
  return colours ? `\u001b[${colour}m${text}\u001b[0m` : text;
}

/** What to do stands once below those it is the same for. */
function findingsText(heading: string, findings: readonly (Remark & Partial<Finding>)[], page: Page): string {
  const shown = findings.slice(0, SHOWN_FINDINGS);
  const lines = shown.flatMap(({ about, problem, cure }, index) => [
    `  ${about}: ${problem}`,
    ...(cure === undefined || shown[index + 1]?.cure === cure ? [] : [`    → ${cure}`]),
  ]);
  const more = findings.length - shown.length;
  const rest = more > 0 ? [`  and ${more} more: npx durabit status --json`] : [];
  return [heading, ...lines.map((line) => wrapped(line, page.columns, '      ')), ...rest].join('\n');
}
