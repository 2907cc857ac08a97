import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { currentHost, type Host } from './host.ts';

/** What sockets reach. */
export interface DatabaseServer {
  connect(socket: VirtualSocket, host: Host): void;
  /** One statement, or the messages up to a `Sync`. */
  request(socket: VirtualSocket, host: Host, message: Buffer): void;
  closed(socket: VirtualSocket): void;
}

const QUERY = 'Q'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);

/** AuthenticationOk, then ReadyForQuery: all the driver needs to hear after its start-up message. */
const WELCOME = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 0, 90, 0, 0, 0, 5, 73]);

let server: DatabaseServer | undefined;

/** The server that sockets opened from now on reach. */
export function useServer(postgres: DatabaseServer): void {
  server = postgres;
}

/** Takes the place of `net.Socket` under the driver `pg`. */
export class VirtualSocket extends EventEmitter {
  writable = true;
  /** Whether it has asked to be told of candles. */
  listens = false;
  /** For how long it may leave a transaction idle, milliseconds; told by its start-up message. */
  idleLimitMs = Number.POSITIVE_INFINITY;
  readonly host: Host;
  readonly #server: DatabaseServer;
  #greeted = false;
  #pending: Uint8Array[] = [];
  /** What comes in is handled on behalf of whoever opened it. */
  readonly #inContext = AsyncLocalStorage.snapshot();

  constructor() {
    super();
    const host = currentHost();
    if (host === undefined || server === undefined) throw new Error('a socket was opened outside of every history');
    this.host = host;
    this.#server = server;
  }

  connect(): this {
    this.#server.connect(this, this.host);
    return this;
  }

  write(data: Uint8Array, done?: () => void): boolean {
    if (this.writable) this.#take(data);
    if (done !== undefined) process.nextTick(done);
    return true;
  }

  #take(data: Uint8Array): void {
    if (!this.#greeted) {
      this.#greeted = true;
      const [, limit] = /idle_in_transaction_session_timeout\0(\d+)/.exec(Buffer.from(data).toString('latin1')) ?? [];
      if (limit !== undefined) this.idleLimitMs = Number(limit);
      process.nextTick(() => this.hear('data', WELCOME));
      return;
    }
    if (data[0] === TERMINATE) return;
    this.#pending.push(data);
    if (data[0] === SYNC || data[0] === QUERY) {
      this.#server.request(this, this.host, Buffer.concat(this.#pending.splice(0)));
    }
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
    this.#server.closed(this);
    process.nextTick(() => {
      if (!this.host.alive) return;
      if (error !== undefined) this.hear('error', error);
      this.hear('close');
    });
    return this;
  }

  hear(event: 'connect' | 'data' | 'error' | 'close', about?: unknown): void {
    this.#inContext(() => this.emit(event, about));
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
