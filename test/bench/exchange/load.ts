/** What the exchange and the load on it agree about. */
export const MARKET = 'KRW-BTC';
/** The fastest the whole bot goes: minutes turn and trades come while orders do. */
export const SPEED = 60;
export const KEYS = { accessKey: 'access', secretKey: 'a secret that is long enough for anybody' };

/** What the exchange holds after a collection of garbage, bytes. */
export interface MemorySample {
  readonly rss: number;
  /** Objects and buffers. */
  readonly heap: number;
}

/** Requests the generator is asked to send. */
export interface LoadJob {
  readonly kind: 'orders' | 'candles';
  readonly url: string;
  readonly requests: number;
  /** So many in a second, whatever becomes of them; left out: each line sends as soon as it is answered. */
  readonly perSecond?: number;
  /** Connections. */
  readonly lines: number;
}

/** What came of them. Every one was answered as it should be, or the job has failed. */
export interface LoadResult {
  readonly seconds: number;
  /** Orders that were created. */
  readonly created: number;
  /** From the instant a request was due, which without `perSecond` is when it was sent, ms. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly slowest: number };
  /** Share of a core that the generator used: near one, it is the generator that was measured. */
  readonly busy: number;
}
