/** A refusal of the Exchange API: the HTTP status and Upbit's error name, a string. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** How Upbit words a block (418) is not documented: plain text is what a client copes with least. */
export class BlockedError extends ExchangeError {
  constructor(seconds: number) {
    super(418, 'too_many_requests', `Too many API requests. Blocked for ${seconds} seconds.`);
  }
}

/** A refusal of the Quotation API, whose error names are the status as an integer. */
export class QuotationError extends Error {
  override readonly name = 'QuotationError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Upbit's quotation faults, in its words. */
export const quotationFault = {
  codeNotFound: () => new QuotationError(404, 'Code not found'),
  invalid: () => new QuotationError(400, 'Invalid parameter. Check the given value!'),
  wrongType: () => new QuotationError(400, 'Type mismatch error. Check the parameters type!'),
  missing: () => new QuotationError(400, 'Missing request parameter error. Check the required parameters!'),
};

/** Upbit's error envelope. */
export function errorBody(name: string | number, message: string): string {
  return JSON.stringify({ error: { name, message } });
}
