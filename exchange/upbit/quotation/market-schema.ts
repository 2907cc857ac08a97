import { z } from 'zod';
import type { Instrument, ListedMarket } from '../../quotation-port.ts';
import { decimalText, marketCode } from '../wire-fields.ts';

/** Named by the exchange, so none of them is named where one is refused. */
const cautions = z.record(z.string(), z.unknown()).transform((flags, context): string[] => {
  const values = Object.entries(flags);
  if (values.every(([, raised]) => typeof raised === 'boolean'))
    return values.flatMap(([name, raised]) => (raised ? [name] : []));
  context.addIssue({ code: 'custom', message: 'is not true or false for each' });
  return z.NEVER;
});

export const listedMarketsSchema = z.array(
  z
    .object({
      market: marketCode,
      korean_name: z.string(),
      english_name: z.string(),
      market_event: z.object({ warning: z.boolean(), caution: cautions }),
    })
    .transform(
      (wire): ListedMarket => ({
        market: wire.market,
        koreanName: wire.korean_name,
        englishName: wire.english_name,
        warning: wire.market_event.warning,
        cautions: wire.market_event.caution,
      }),
    ),
);

export const instrumentsSchema = z.array(
  z
    .object({
      market: marketCode,
      quote_currency: z.string(),
      tick_size: decimalText,
      supported_levels: z.array(decimalText),
    })
    .transform(
      (wire): Instrument => ({
        market: wire.market,
        quoteCurrency: wire.quote_currency,
        tickSize: wire.tick_size,
        bookLevels: wire.supported_levels,
      }),
    ),
);
