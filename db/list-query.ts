/** What every list of an account's rows is asked for by; each is read newest first. */
export interface ListQuery {
  readonly account: string;
  /** Undefined: all markets. */
  readonly market?: string | undefined;
  readonly limit: number;
}
