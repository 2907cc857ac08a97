import { USUAL_BOOK } from '../../../exchange/matching/book/parameters.ts';

/** The account's ten million won reach through many levels of it, and there is room inside the spread. */
export const THIN_BOOK = { ...USUAL_BOOK, depthKrw: 200_000, spreadPpm: 400 };
