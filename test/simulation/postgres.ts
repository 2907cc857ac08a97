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
    const statement = statementIn(this.#session, message);
    const { text } = statement;
    socket.listens ||= statement.listens;
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
        const answer = this.#execute(socket, statement, message);
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
      ask(this.#session, simpleQuery('rollback'));
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

  #execute(socket: VirtualSocket, statement: Statement, message: Buffer): Buffer {
    const answer = executed(this.#session, statement, message);
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
const PARSED = '1'.charCodeAt(0);
const BIND = 'B'.charCodeAt(0);
const BOUND = '2'.charCodeAt(0);
const DESCRIBE = 'D'.charCodeAt(0);
const ROW_DESCRIPTION = 'T'.charCodeAt(0);
const NO_ROWS = 'n'.charCodeAt(0);
const NOTIFICATION = 'A'.charCodeAt(0);

function simpleQuery(text: string): Uint8Array {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head.writeUInt8(QUERY, 0);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/**
 * What PostgreSQL answers. Asked for the raw bytes in pieces, PGlite does not read each answer itself and keep what it
 * read, which costs a tenth of a history.
 */
function ask(session: PGlite, message: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [];
  // It runs to its end before it returns; the copy is because the bytes are PostgreSQL's memory.
  const asked = session.execProtocolRawStream(message, {
    syncToFs: false,
    onRawData: (piece) => pieces.push(piece.slice()),
  });
  asked.catch((error: unknown) => {
    throw error;
  });
  return Buffer.concat(pieces);
}

interface Statement {
  /** Its first words, enough to know it by. */
  readonly text: string;
  /** Whether it asks to be told of something. */
  readonly listens: boolean;
  /** Under which it is prepared, if it is. */
  readonly name: string | undefined;
  prepared: boolean;
  /** What PostgreSQL says of the columns of its answer, once it has said so. */
  columns: Buffer | undefined;
}

/** Statements each session was asked, by their text. */
const known = new WeakMap<PGlite, Map<string, Statement>>();

function statementIn(session: PGlite, message: Buffer): Statement {
  // A parse names the prepared statement first; the driver's have no name.
  const from = message[0] === PARSE ? 6 : 5;
  const whole = message.toString('latin1', from, message.indexOf(0, from));
  const statements = known.get(session) ?? new Map<string, Statement>();
  known.set(session, statements);
  const before = statements.get(whole);
  if (before !== undefined) return before;
  const keepsPlan = message[0] === PARSE && /^\s*(select|insert|update|with)/i.test(whole);
  const statement: Statement = {
    text: whole.slice(0, 114).replace(/\s+/g, ' ').trim().slice(0, 48),
    listens: whole.includes('LISTEN'),
    name: keepsPlan ? `s${statements.size + 1}` : undefined,
    prepared: false,
    columns: undefined,
  };
  statements.set(whole, statement);
  return statement;
}

/**
 * The same as PostgreSQL would answer, with the statement prepared and its columns described once for all: planning the
 * same few statements again and again is most of what PostgreSQL does here.
 */
function executed(session: PGlite, statement: Statement, message: Buffer): Buffer {
  const { name, columns } = statement;
  if (name === undefined || message[0] !== PARSE) return ask(session, message);
  const parsed = endOf(message, 0);
  if (message[parsed] !== BIND) return ask(session, message);
  const bound = endOf(message, parsed);
  const bind = renamed(message.subarray(parsed, bound), 6, name);
  const described = endOf(message, bound);
  if (!statement.prepared) {
    const parse = renamed(message.subarray(0, parsed), 5, name);
    const answer = ask(session, Buffer.concat([parse, bind, message.subarray(bound)]));
    statement.prepared = answer[0] === PARSED;
    return answer;
  }
  if (columns === undefined || message[bound] !== DESCRIBE) {
    const answer = ask(session, Buffer.concat([bind, message.subarray(bound)]));
    if (answer[0] === BOUND && (answer[5] === ROW_DESCRIPTION || answer[5] === NO_ROWS)) {
      statement.columns = answer.subarray(5, endOf(answer, 5));
    }
    return answer;
  }
  const answer = ask(session, Buffer.concat([bind, message.subarray(described)]));
  return answer[0] === BOUND ? Buffer.concat([answer.subarray(0, 5), columns, answer.subarray(5)]) : answer;
}

/** Where the message that begins at `from` ends. */
function endOf(messages: Buffer, from: number): number {
  return from + messages.readUInt32BE(from + 1) + 1;
}

/** One message, its empty name at `place` replaced. */
function renamed(message: Buffer, place: number, name: string): Buffer {
  const changed = Buffer.concat([message.subarray(0, place), Buffer.from(name), message.subarray(place)]);
  changed.writeUInt32BE(message.readUInt32BE(1) + name.length, 1);
  return changed;
}
