import { AsyncLocalStorage } from 'node:async_hooks';
import { type DriverEvent, DriverSocket } from '../support/driver-socket.ts';
import { currentHost, type Host } from './host.ts';

/** What sockets reach. */
export interface DatabaseServer {
  connect(socket: VirtualSocket, host: Host): void;
  /** One statement, or the messages up to a `Sync`. */
  request(socket: VirtualSocket, host: Host, message: Buffer): void;
  closed(socket: VirtualSocket): void;
}

let server: DatabaseServer | undefined;

/** The server that sockets opened from now on reach. */
export function useServer(postgres: DatabaseServer): void {
  server = postgres;
}

/** The driver's socket as one of a simulated process. */
export class VirtualSocket extends DriverSocket {
  /** Whether it has asked to be told of candles. */
  listens = false;
  /** For how long it may leave a transaction idle, milliseconds; told by its start-up message. */
  idleLimitMs = Number.POSITIVE_INFINITY;
  readonly host: Host;
  readonly #server: DatabaseServer;
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

  protected override started(message: Buffer): void {
    const [, limit] = /idle_in_transaction_session_timeout\0(\d+)/.exec(message.toString('latin1')) ?? [];
    if (limit !== undefined) this.idleLimitMs = Number(limit);
  }

  protected request(message: Buffer): void {
    this.#server.request(this, this.host, message);
  }

  protected closed(): void {
    this.#server.closed(this);
  }

  protected override tellClosed(error: Error | undefined): void {
    if (this.host.alive) super.tellClosed(error);
  }

  override hear(event: DriverEvent, about?: unknown): void {
    this.#inContext(() => super.hear(event, about));
  }
}
