import { EventEmitter } from 'node:events';

const QUERY = 'Q'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);

/** AuthenticationOk, then ReadyForQuery: all the driver needs to hear after its start-up message. */
const WELCOME = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 0, 90, 0, 0, 0, 5, 73]);

export type DriverEvent = 'connect' | 'data' | 'error' | 'close';

/** Takes the place of `net.Socket` under the driver `pg`, before a PostgreSQL in this process. */
export abstract class DriverSocket extends EventEmitter {
  writable = true;
  /** First bytes of the messages that want an answer. */
  protected readonly wantAnswer: ReadonlySet<number | undefined> = new Set([QUERY, SYNC]);
  #greeted = false;
  #pending: Uint8Array[] = [];

  abstract connect(): this;

  /** One statement, or the messages up to one that wants an answer. */
  protected abstract request(message: Buffer): void;

  /** It is closed from either side, and says so to the driver next. */
  protected abstract closed(): void;

  /** Its start-up message came. */
  protected started(_message: Buffer): void {}

  write(data: Uint8Array, done?: () => void): boolean {
    if (this.writable) this.#take(data);
    if (done !== undefined) process.nextTick(done);
    return true;
  }

  #take(data: Uint8Array): void {
    if (!this.#greeted) {
      this.#greeted = true;
      this.started(Buffer.from(data));
      process.nextTick(() => this.hear('data', WELCOME));
      return;
    }
    if (data[0] === TERMINATE) return;
    this.#pending.push(data);
    if (this.wantAnswer.has(data[0])) this.request(Buffer.concat(this.#pending.splice(0)));
  }

  end(): this {
    return this.break();
  }

  destroy(error?: Error): this {
    return this.break(error);
  }

  /** Closed from either side. */
  break(error?: Error): this {
    if (!this.writable) return this;
    this.writable = false;
    this.closed();
    process.nextTick(() => this.tellClosed(error));
    return this;
  }

  protected tellClosed(error: Error | undefined): void {
    if (error !== undefined) this.hear('error', error);
    this.hear('close');
  }

  /** What the driver is told. */
  hear(event: DriverEvent, about?: unknown): void {
    this.emit(event, about);
  }

  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  cork(): void {}
  uncork(): void {}
}
