import { type Page, renderTable, span } from '../output.ts';
import type { RunningInstance } from '../up/instance-file.ts';
import { secondsSince } from './bot.ts';
import type { Finding, PartFacts, StatusFacts } from './facts.ts';

const LATELY_MS = 10 * 60_000;
/** A part killed twice is somebody at work; three restarts within `LATELY_MS` are a fault that comes back. */
const REPEATED_RESTARTS = 3;

export function partFacts({ parts }: Pick<RunningInstance, 'parts'>, now: Date): PartFacts[] {
  return parts.map(({ name, state, since, restarts, recentRestarts, lastEnd }) => ({
    ...{ name, state, since },
    uptime_seconds: state === 'up' ? secondsSince(since, now) : null,
    restarts,
    recent_restarts: recentRestarts,
    last_end: lastEnd,
  }));
}

/** A line for each process the supervisor keeps alive. */
export function partsText({ parts, read_at: now }: Pick<StatusFacts, 'parts' | 'read_at'>, page: Page): string {
  const rows = parts.map((part) => ({
    ...part,
    uptime: part.uptime_seconds === null ? '' : span(part.uptime_seconds * 1_000),
    ended: lastEndText(part, now),
  }));
  const columns = [
    ['name', 'PART'],
    ['state', 'STATE'],
    ['uptime', 'UPTIME'],
    ['restarts', 'RESTARTS'],
  ] as const;
  const ended = rows.some((row) => row.ended !== '') ? ([['ended', 'LAST END']] as const) : [];
  return renderTable(rows, [...columns, ...ended], page.columns);
}

function lastEndText({ last_end: how, recent_restarts: restarts }: PartFacts, now: Date): string {
  const at = restarts.at(-1);
  if (how === null || at === undefined) return '';
  return `${how}, ${span(now.getTime() - Date.parse(at))} ago`;
}

/** Parts that are down, or come back only to go down again. */
export function partFindings(part: PartFacts, now: Date): Finding[] {
  const where = 'its last lines are in the log of npm start; see also: npx durabit doctor';
  const found: Finding[] = [];
  if (part.state === 'down') {
    const problem = `down for ${span(now.getTime() - Date.parse(part.since))}: ${part.last_end ?? 'it ended'}`;
    found.push({ about: part.name, problem, cure: `it is being started again; if it stays down: ${where}` });
  }
  if (restartsRepeatedly(part, now)) {
    const times = restartsLately(part, now).length;
    const problem = `restarted ${times} times in ten minutes, the last time after: ${part.last_end ?? 'its end'}`;
    found.push({ about: part.name, problem, cure: where });
  }
  return found;
}

function restartsRepeatedly(part: PartFacts, now: Date): boolean {
  return restartsLately(part, now).length >= REPEATED_RESTARTS;
}

function restartsLately(part: PartFacts, now: Date): readonly string[] {
  return part.recent_restarts.filter((at) => now.getTime() - Date.parse(at) <= LATELY_MS);
}
