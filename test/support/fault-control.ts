import type { AskedEndpoint, ControlClock } from '../../exchange/paper/faults/control-server.ts';
import type { CreateRequest } from '../../exchange/paper/faults/request-log.ts';
import type { FaultReport, NewFaultRule } from '../../exchange/paper/faults/rule.ts';
import type { TrueLedger, TrueOrder } from '../../exchange/paper/faults/true-ledger.ts';

export type { CreateRequest, FaultReport, NewFaultRule, TrueOrder };

/** The whole true ledger, its pages joined. */
export type WholeLedger = Omit<TrueLedger, 'next' | 'oldest_open'>;

const PAGE = 1_000;

/** Drives the control port of a paper exchange (docs/paper-exchange.md, "Faults"). Every refusal is thrown. */
export class FaultControl {
  readonly #url: string;

  constructor(controlUrl: string) {
    this.#url = controlUrl;
  }

  add(rule: NewFaultRule): Promise<FaultReport> {
    return this.#call('POST', '/faults', rule);
  }

  rules(): Promise<FaultReport[]> {
    return this.#call('GET', '/faults');
  }

  /** How often a rule struck. */
  async struck(id: string): Promise<number> {
    const rule = (await this.rules()).find((one) => one.id === id);
    if (rule === undefined) throw new Error(`there is no rule ${id}`);
    return rule.struck;
  }

  async remove(id: string): Promise<void> {
    await this.#call('DELETE', `/faults/${encodeURIComponent(id)}`);
  }

  async clear(): Promise<void> {
    await this.#call('DELETE', '/faults');
  }

  /** Pages are taken one after the other: for a whole picture nothing may be trading meanwhile. */
  async ledger(since = 0): Promise<WholeLedger> {
    const orders: TrueOrder[] = [];
    for (let from: number | null = since; ; ) {
      const {
        next,
        oldest_open: _,
        ...page
      }: TrueLedger = await this.#call('GET', `/ledger?since=${from}&limit=${PAGE}`);
      orders.push(...page.orders);
      if (next === null) return { ...page, orders };
      from = next;
    }
  }

  async requests(since = 0): Promise<CreateRequest[]> {
    const requests: CreateRequest[] = [];
    for (;;) {
      const from = since + requests.length;
      const page: CreateRequest[] = await this.#call('GET', `/requests?since=${from}&limit=${PAGE}`);
      requests.push(...page);
      if (page.length < PAGE) return requests;
    }
  }

  endpoints(): Promise<AskedEndpoint[]> {
    return this.#call('GET', '/endpoints');
  }

  clock(): Promise<ControlClock> {
    return this.#call('GET', '/clock');
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
