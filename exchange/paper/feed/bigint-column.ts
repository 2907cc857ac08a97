const LARGEST_64_BIT = 2n ** 63n - 1n;

/**
 * A growing list of non-negative integers at 8 bytes each (an array of bigints takes 32). The few that do not fit 64
 * bits, such as a minute's volume of a coin worth a thousandth of a won, are kept beside it.
 */
export class BigintColumn {
  #numbers = new BigInt64Array(1_024);
  readonly #oversized = new Map<number, bigint>();
  #length = 0;

  push(value: bigint): void {
    if (this.#length === this.#numbers.length) {
      const grown = new BigInt64Array(this.#length * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    if (value > LARGEST_64_BIT) this.#oversized.set(this.#length, value);
    else this.#numbers[this.#length] = value;
    this.#length += 1;
  }

  at(index: number): bigint {
    return this.#oversized.get(index) ?? this.#numbers[index] ?? 0n;
  }
}
