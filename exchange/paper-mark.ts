/** What every answer of the paper exchange says of itself, and no other exchange does. */
export const PAPER_MARK = { header: 'durabit-exchange', value: 'paper' } as const;
