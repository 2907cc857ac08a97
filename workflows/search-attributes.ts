import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** The three attributes by which runs are listed and filtered in the Temporal Web UI. */
export const marketAttribute = defineSearchAttributeKey('Market', SearchAttributeType.KEYWORD);
/** Open of the candle a run was about, in market time. */
export const candleTimeAttribute = defineSearchAttributeKey('CandleTime', SearchAttributeType.DATETIME);
/** What came of the run, in one word. */
export const outcomeAttribute = defineSearchAttributeKey('Outcome', SearchAttributeType.KEYWORD);
