import { rmSync } from 'node:fs';
import type { Verdict } from './verdict.ts';

/**
 * Runs the demo and says what it came to. Its folder stays for a look unless the promise was kept.
 *
 * @returns the exit code: 0 only for a promise that was kept, 130 when interrupted
 */
export async function conclude(
  demo: () => Promise<Verdict>,
  { folder, interrupted, say }: { folder: string; interrupted: AbortSignal; say: (line: string) => void },
): Promise<0 | 1 | 130> {
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const keepFolder = () => say(`kept for a look: ${folder} (the bot's log is bot.txt)`);
  try {
    const { kept, lines } = await demo();
    if (kept) removeFolder();
    else keepFolder();
    for (const line of lines) say(line);
    return kept ? 0 : 1;
  } catch (error) {
    if (interrupted.aborted) {
      removeFolder();
      say('interrupted; everything it had started is stopped and removed.');
      return 130;
    }
    say(error instanceof Error ? error.message : String(error));
    keepFolder();
    return 1;
  }
}
