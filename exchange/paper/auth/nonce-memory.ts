/** How many nonces are remembered; at Upbit's limits an hour and a half of the busiest client. */
const CAPACITY = 200_000;

/** Remembers nonces of this run; the oldest are forgotten, all are by a restart. How long Upbit does is unknown. */
export class NonceMemory {
  readonly #seen = new Set<string>();

  /** Whether the nonce is new; it no longer is afterwards. */
  use(nonce: string): boolean {
    if (this.#seen.has(nonce)) return false;
    this.#seen.add(nonce);
    if (this.#seen.size > CAPACITY) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return true;
  }
}
