import { PGlite } from '@electric-sql/pglite';
import { type Host, nextStep } from './host.ts';
import type { DatabaseServer, VirtualSocket } from './virtual-socket.ts';
import type { World } from './world.ts';

/** PostgreSQL in this process. One for all histories; starting it takes seconds, emptying it milliseconds. */
export async function openPostgres(): Promise<PGlite> {
  const postgres = new PGlite();
  await postgres.waitReady;
  return postgres;
}

/** How often something happens to a statement that is none of a commit. */
const STATEMENT_FAULTS = {
  'the process dies before the statement leaves': 0.00006,
  'the process dies before it has the answer': 0.00006,
  'the connection to PostgreSQL breaks before the statement arrives': 0.00006,
  'the connection to PostgreSQL breaks before the answer arrives': 0.00006,
  'PostgreSQL is slow': 0.0003,
  'the answer of PostgreSQL is slow': 0.0003,
  'somebody halts trading at this moment': 0,
  'the process stands still': 0.0002,
  'PostgreSQL restarts': 0.000015,
} as const;

/** A commit is where it matters most whether it happened and who knows. */
const COMMIT_FAULTS: Record<keyof typeof STATEMENT_FAULTS, number> = {
  'the process dies before the statement leaves': 0.0008,
  'the process dies before it has the answer': 0.0015,
  'the connection to PostgreSQL breaks before the statement arrives': 0.0008,
  'the connection to PostgreSQL breaks before the answer arrives': 0.0015,
  'PostgreSQL is slow': 0.003,
  'the answer of PostgreSQL is slow': 0.003,
  'somebody halts trading at this moment': 0.0002,
  'the process stands still': 0.0015,
  'PostgreSQL restarts': 0.0002,
};

/** Of the commits around a request to the exchange. */
const SENDING_FAULTS = { ...COMMIT_FAULTS, 'somebody halts trading at this moment': 0.012 };

/**
 * One session of PostgreSQL, shared by every connection of every simulated process. Each connection speaks the wire
 * protocol of the real driver. While one is inside a transaction the others wait: what row locks would let run side by
 * side runs one after the other here.
 */
export class SharedPostgres implements DatabaseServer {
  readonly #session: PGlite;
  readonly #world: World;
  readonly #sockets = new Set<VirtualSocket>();
  readonly #waiting: (() => void)[] = [];
  #inTransaction: VirtualSocket | undefined;
  /** Ends the transaction that nothing more is asked in. */
  #idle: { cancel(): void } | undefined;
  #downUntil = 0;

  constructor(session: PGlite, world: World) {
    this.#session = session;
    this.#world = world;
  }

  connect(socket: VirtualSocket, host: Host): void {
    const { time } = this.#world;
    time.after(
      0.3,
      () => {
        if (time.now < this.#downUntil) return socket.break(refused());
        this.#sockets.add(socket);
        socket.hear('connect');
      },
      host,
    );
  }

  /** A whole request: one statement, or the messages up to a `Sync`. */
  request(socket: VirtualSocket, host: Host, message: Buffer): void {
    const { time } = this.#world;
    const step = nextStep();
    socket.listens ||= message.includes('LISTEN');
    const text = statementIn(message);
    const name = `${step.name} (${text})`;
    const fault = this.#strike(host, name, text);
    if (fault === 'the process dies before the statement leaves') {
      this.#world.kill(host);
      return;
    }
    const { there, back } = this.#travel(host, name, fault);
    time.after(there, () => {
      if (fault === 'the connection to PostgreSQL breaks before the statement arrives') this.#cut(socket);
      this.#whenFree(socket, () => {
        if (!this.#sockets.has(socket)) return;
        const answer = this.#execute(socket, message);
        this.#world.story.trace(`${name} executed`);
        this.#notify(answer);
        if (fault === 'the process dies before it has the answer') return this.#world.kill(host);
        if (fault === 'the connection to PostgreSQL breaks before the answer arrives') return this.#cut(socket);
        time.after(back, () => socket.hear('data', answer), host);
      });
    });
  }

  #strike(host: Host, name: string, text: string): keyof typeof STATEMENT_FAULTS | undefined {
    if (!host.faulty) return undefined;
    if (text !== 'commit') return this.#world.faults.strike(name, STATEMENT_FAULTS);
    if (!name.includes(' placeOrder#')) return this.#world.faults.strike(name, COMMIT_FAULTS);
    return this.#world.faults.strike(name, SENDING_FAULTS, 'order');
  }

  /** Milliseconds there and back; what else the fault does on the way is done. */
  #travel(host: Host, name: string, fault: keyof typeof STATEMENT_FAULTS | undefined) {
    const { chance } = this.#world;
    const luck = chance.of(name);
    const usual = { there: 0.1 + luck, back: 0.1 + ((luck * 7.3) % 1) };
    switch (fault) {
      case 'PostgreSQL is slow':
        return { ...usual, there: chance.between(`${name} slow`, 50, 3_000) };
      case 'the answer of PostgreSQL is slow':
        return { ...usual, back: chance.between(`${name} slow`, 50, 3_000) };
      case 'somebody halts trading at this moment':
        this.#world.halt?.(name);
        return { ...usual, back: chance.between(`${name} slow`, 5, 490) };
      case 'the process stands still':
        this.#world.standStill(host, name);
        return usual;
      case 'PostgreSQL restarts':
        this.restart(chance.between(`${name} down`, 200, 4_000));
        return usual;
      default:
        return usual;
    }
  }

  /** Everybody's connection is gone, what was not committed is rolled back. */
  restart(downForMs: number): void {
    this.#downUntil = this.#world.time.now + downForMs;
    for (const socket of [...this.#sockets]) this.#cut(socket);
  }

  /** The socket was closed by its own side, or its process is dead. */
  closed(socket: VirtualSocket): void {
    this.#sockets.delete(socket);
    if (this.#inTransaction === socket) {
      this.#session.execProtocolRawSync(simpleQuery('rollback'));
      this.#free();
    }
  }

  closeAllOf(host: Host): void {
    for (const socket of [...this.#sockets]) if (socket.host === host) this.closed(socket);
  }

  #cut(socket: VirtualSocket): void {
    this.closed(socket);
    const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    this.#world.time.after(0.2, () => socket.break(lost), socket.host);
  }

  #whenFree(socket: VirtualSocket, run: () => void): void {
    if (this.#inTransaction === undefined || this.#inTransaction === socket) run();
    else this.#waiting.push(() => this.#whenFree(socket, run));
  }

  #free(): void {
    this.#idle?.cancel();
    this.#inTransaction = undefined;
    for (const run of this.#waiting.splice(0)) run();
  }

  /** What the one session is told goes to everybody who listens. */
  #notify(answer: Buffer): void {
    for (let at = 0; at < answer.length; at += answer.readUInt32BE(at + 1) + 1) {
      if (answer[at] !== NOTIFICATION) continue;
      const told = answer.subarray(at, at + answer.readUInt32BE(at + 1) + 1);
      for (const socket of this.#sockets) {
        if (socket.listens) this.#world.time.after(0.5, () => socket.hear('data', told), socket.host);
      }
    }
  }

  #execute(socket: VirtualSocket, message: Buffer): Buffer {
    const answer = Buffer.from(this.#session.execProtocolRawSync(withPlanKept(this.#session, message)).buffer);
    const inTransaction = String.fromCharCode(answer.at(-1) ?? 0) !== 'I';
    this.#idle?.cancel();
    if (inTransaction) {
      this.#inTransaction = socket;
      this.#idle = this.#world.time.after(socket.idleLimitMs, () => this.#cut(socket));
    } else if (this.#inTransaction === socket) this.#free();
    return answer;
  }
}

function refused(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
}

const QUERY = 'Q'.charCodeAt(0);
const PARSE = 'P'.charCodeAt(0);
const BIND = 'B'.charCodeAt(0);
const NOTIFICATION = 'A'.charCodeAt(0);

function simpleQuery(text: string): Uint8Array {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head.writeUInt8(QUERY, 0);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** The first words of the statement in a request, enough to know it by. */
function statementIn(message: Buffer): string {
  const bytes = message.subarray(0, 120);
  // A parse names the prepared statement first; ours have no name.
  const from = bytes[0] === PARSE ? 6 : 5;
  const end = bytes.indexOf(0, from);
  return bytes
    .toString('utf8', from, end === -1 ? bytes.length : end)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 48);
}

/** Statements each session has prepared, by their text. */
const prepared = new WeakMap<PGlite, Map<string, string>>();

/**
 * The same request with its statement prepared once for all: planning the same few statements again and again is most of
 * what PostgreSQL does here. A parse is answered by nothing the driver looks at, so a second one is left out.
 */
function withPlanKept(session: PGlite, message: Buffer): Buffer {
  if (message[0] !== PARSE) return message;
  const parsed = message.readUInt32BE(1) + 1;
  const text = message.toString('latin1', 6, message.indexOf(0, 6));
  if (message[parsed] !== BIND || text.startsWith('LISTEN') || !/^\s*(select|insert|update|with)/i.test(text))
    return message;
  const names = prepared.get(session) ?? new Map<string, string>();
  prepared.set(session, names);
  const known = names.get(text);
  const name = known ?? `s${names.size + 1}`;
  const bind = renamed(message.subarray(parsed), 6, name);
  if (known !== undefined) return bind;
  names.set(text, name);
  return Buffer.concat([renamed(message.subarray(0, parsed), 5, name), bind]);
}

/** The message that `bytes` begin with, its empty name at `place` replaced; what follows it is kept. */
function renamed(bytes: Buffer, place: number, name: string): Buffer {
  const changed = Buffer.concat([bytes.subarray(0, place), Buffer.from(name), bytes.subarray(place)]);
  changed.writeUInt32BE(bytes.readUInt32BE(1) + name.length, 1);
  return changed;
}
