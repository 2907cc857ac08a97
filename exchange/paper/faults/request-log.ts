import { join } from 'node:path';
import { openJournalFile } from '../state/journal-file.ts';

/** A request to create an order, as it reached the exchange. Times are ISO 8601, UTC. */
export interface CreateRequest {
  /** 1 for the first that the state folder saw. */
  readonly number: number;
  /** Wall time. */
  readonly received_at: string;
  readonly market_time: string;
  /** Null where it was refused before its body was read, and where the body names none. */
  readonly identifier: string | null;
  readonly market: string | null;
  /** Rules that struck it. */
  readonly faults: readonly string[];
  /** `dropped`: nothing came of it. Null: not settled yet, or the exchange was killed; the orders tell. */
  readonly outcome: 'accepted' | 'refused' | 'dropped' | null;
  readonly uuid: string | null;
  readonly error: string | null;
  /** Wall time of the outcome. */
  readonly settled_at: string | null;
}

export type Arrival = Pick<CreateRequest, 'received_at' | 'market_time' | 'identifier' | 'market' | 'faults'>;
export type Settlement = Pick<CreateRequest, 'outcome' | 'uuid' | 'error'>;

/** Every request to create an order, kept beside the ledger over kills. */
export interface RequestLog {
  /** @returns its number. */
  received(arrival: Arrival): number;
  settled(number: number, settlement: Settlement, at: string): void;
  /** Those after number `since`, at most `limit`. */
  page(since: number, limit: number): CreateRequest[];
  close(): void;
}

type Line =
  | ({ readonly number: number } & Arrival)
  | ({ readonly number: number } & Settlement & { settled_at: string });

const UNSETTLED = { outcome: null, uuid: null, error: null, settled_at: null };

export function openRequestLog(folder: string, log: (line: string) => void): RequestLog {
  const { lines, file } = openJournalFile(join(folder, 'requests.jsonl'), log);
  const requests: CreateRequest[] = [];
  const take = (line: Line): void => {
    const known = requests[line.number - 1];
    requests[line.number - 1] = (
      known === undefined ? { ...line, ...UNSETTLED } : { ...known, ...line }
    ) as CreateRequest;
  };
  for (const line of lines) take(line as Line);

  // Not synced: what a kill leaves is enough to judge a run, and an order must not wait for a second disk write.
  const write = (line: Line): void => {
    file.append(line);
    take(line);
  };
  return {
    received(arrival) {
      const number = requests.length + 1;
      write({ number, ...arrival });
      return number;
    },
    settled(number, settlement, at) {
      write({ number, ...settlement, settled_at: at });
    },
    page: (since, limit) => requests.slice(since, since + limit),
    close: () => file.close(),
  };
}
