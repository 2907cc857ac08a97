import { z } from 'zod';
import type { Instrument, ListedMarket } from '../../quotation-port.ts';
import { decimalText, marketCode } from '../wire-fields.ts';

export const listedMarketsSchema = z.array(
  z
    .object({
      market: marketCode,
      korean_name: z.string(),
      english_name: z.string(),
      market_event: z.object({ warning: z.boolean(), caution: z.record(z.string(), z.boolean()) }),
    })
    .transform(
      (wire): ListedMarket => ({
        market: wire.market,
        koreanName: wire.korean_name,
        englishName: wire.english_name,
        warning: wire.market_event.warning,
        cautions: Object.entries(wire.market_event.caution)
          .filter(([, raised]) => raised)
          .map(([name]) => name),
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
