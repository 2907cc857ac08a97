import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Parameters } from '../../exchange/upbit/authorization.ts';
import { candlesSchemaOf } from '../../exchange/upbit/quotation/candle-schema.ts';
import { instrumentsSchema, listedMarketsSchema } from '../../exchange/upbit/quotation/market-schema.ts';
import { orderBooksSchema } from '../../exchange/upbit/quotation/order-book-schema.ts';
import { tickersSchema } from '../../exchange/upbit/quotation/ticker-schema.ts';
import { tradesSchema } from '../../exchange/upbit/quotation/trade-schema.ts';
import { candlesSchema, orderSchema, parseLosslessJson } from '../../exchange/upbit/wire.ts';
import { ANSWERS } from '../exchange/upbit/quotation-answers.ts';
import { agree, type Case, type Suite } from './case.ts';
import { ORDER_ANSWERS } from './order-answers.ts';
import { sentFor } from './sent.ts';
import { openStage } from './stage.ts';

/** The texts of Upbit's authentication guide and what they hash to (upbit.md §1), with the call that sends each. */
const VECTORS: readonly (readonly [method: 'GET' | 'POST', path: string, text: string, sha512: string])[] = [
  [
    'POST',
    'v1/orders',
    'market=KRW-BTC&side=bid&volume=0.01&price=100.0&ord_type=limit',
    '1db802a392c559d55c99662a20c6911ba9ea31a9f58bf92156af243ca1462b004c6e6b27c934afefbde5ca15d28deb67e90cd619b466c9a3c2fe020ad2bbdd24',
  ],
  [
    'GET',
    'v1/orders/chance',
    'market=KRW-BTC',
    'b749dfc2e17f75e5b46c8161f97fe7c9298ed4167ea21c5c94d16573efd8a801351470c0ff1a9a3f1e763f8249968218c04c571c8b45aa80cd4588e6c4be0738',
  ],
  [
    'GET',
    'v1/orders/open',
    'market=KRW-BTC&limit=10',
    'd8214a07d0b7181ac91485f885d4349e9de6733bbd0806fec3102519a0ba1479b9be54245055706da413a6e916a8a978c1fc1a79e8e459d54c4de8fbe2bc70cd',
  ],
  [
    'GET',
    'v1/orders/open',
    'market=KRW-BTC&states[]=wait&states[]=watch',
    'c01bbcb80094d2225c90eda65128baf7ef800471fbdeb76579856d1532cd263060e41ede9c52bfc926a0b46c4b7797a61e4327cda59d236f829cde4c875dfe77',
  ],
];

/** Real answers of Upbit's, beside the project where they are at hand. */
const SAMPLES = '../shared/upbit-samples';

/** Bytes: what we send, and what Upbit was seen to answer. */
export const WIRE: Suite = {
  area: 'bytes',
  open: () => openStage({ book: 'endless' }),
  cases: [
    ...VECTORS.map(([method, path, text, sha512]) =>
      agree(`${method} with ${text} is hashed as documented, and sent as hashed`, async () => {
        const parameters: Parameters = text.split('&').map((part) => part.split('=') as [string, string]);
        const sent = await sentFor((transport) =>
          transport.ask({ method, path, group: 'default', parameters, signed: true }),
        );
        assert.equal(sent.claims.query_hash, sha512);
        assert.equal(sent.claims.query_hash_alg, 'SHA512');
        assert.equal(sent.method, method);
        if (method === 'GET') assert.deepEqual([decodeURIComponent(sent.query), sent.body], [text, '']);
        else {
          assert.equal(sent.query, '');
          assert.equal(sent.body, JSON.stringify(Object.fromEntries(parameters)));
          assert.equal(sent.contentType, 'application/json; charset=utf-8');
        }
      }),
    ),
    agree('nothing to hash, no hash', async () => {
      const call = { method: 'GET', path: 'v1/accounts', group: 'default', parameters: [], signed: true } as const;
      const { claims } = await sentFor((transport) => transport.ask(call));
      assert.deepEqual(Object.keys(claims).sort(), ['access_key', 'nonce']);
    }),
    ...(
      [
        ['minutes', candlesSchemaOf('1m')],
        ['hours', candlesSchemaOf('60m')],
        ['days', candlesSchemaOf('1d')],
        ['weeks', candlesSchemaOf('1w')],
        ['months', candlesSchemaOf('1M')],
        ['ticker', tickersSchema],
        ['tickerOf2024', tickersSchema],
        ['trades', tradesSchema],
        ['orderBook', orderBooksSchema],
        ['instruments', instrumentsSchema],
        ['markets', listedMarketsSchema],
      ] as const
    ).map(([name, schema]) => parses(`of our own: ${name}`, ANSWERS[name], schema)),
    ...Object.entries(ORDER_ANSWERS).map(([name, text]) =>
      parses(`of our own: an order, ${name}`, `[${text}]`, orderSchema.array()),
    ),
    sample('candles-minutes-1.json', (json) => {
      const candles = candlesSchemaOf('1m').parse(json);
      assert.equal(candlesSchema.parse(json).length, candles.length);
      return candles.length;
    }),
    sample('orders.json', (json) => orderSchema.array().parse((json as unknown[]).flat()).length),
  ],
};

function parses(what: string, text: string, schema: z.ZodType<readonly unknown[]>): Case {
  return agree(`an answer parses, ${what}`, async () => {
    assert.ok(schema.parse(parseLosslessJson(text)).length > 0);
  });
}

/** @param count parses it and says how many things there are in it */
function sample(file: string, count: (json: unknown) => number): Case {
  return {
    what: `real answers parse: ${file}`,
    async run() {
      const path = join(SAMPLES, file);
      if (!existsSync(path)) return { absent: `${path} is not on this machine` };
      assert.ok(count(parseLosslessJson(readFileSync(path, 'utf8'))) > 0);
      return undefined;
    },
  };
}
