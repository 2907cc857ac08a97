import { createHash, type Hash } from 'node:crypto';
import { VIRTUAL_START, type VirtualTime } from './virtual-time.ts';

/** What happened in a history: all of it in a hash, the part worth reading in words. */
export class Story {
  readonly #time: VirtualTime;
  readonly #hash: Hash = createHash('sha256');
  readonly #lines: string[] = [];
  /** What the hash has not seen yet: it takes much at once four times as fast as line by line. */
  #traced = '';

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Something a reader wants to know. */
  tell(line: string): void {
    this.trace(line);
    this.#lines.push(`${sinceStart(this.#time.now)}  ${line}`);
  }

  /** Something only a comparison of two runs needs. */
  trace(line: string): void {
    this.#traced += `${this.#time.now} ${line}\n`;
    if (this.#traced.length > 65_536) this.#digestTraced();
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Of everything so far; ends the story. */
  digest(): string {
    this.#digestTraced();
    return this.#hash.digest('hex');
  }

  #digestTraced(): void {
    this.#hash.update(this.#traced);
    this.#traced = '';
  }
}

/** `0:01:07.250`: wall time since the history began. */
function sinceStart(instant: number): string {
  const ms = Math.round(instant - VIRTUAL_START);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}.${String(ms % 1_000).padStart(3, '0')}`;
}
