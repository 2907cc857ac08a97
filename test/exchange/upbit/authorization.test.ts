import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { createAuthorizer, queryHash } from '../../../exchange/upbit/authorization.ts';
import { orderParameters } from '../../../exchange/upbit/order-parameters.ts';

describe('query_hash', () => {
  // Vectors of the exchange's authentication guide, hashed over the URL-decoded text in sending order.
  it.each([
    [
      [['market', 'KRW-BTC']],
      'b749dfc2e17f75e5b46c8161f97fe7c9298ed4167ea21c5c94d16573efd8a801351470c0ff1a9a3f1e763f8249968218c04c571c8b45aa80cd4588e6c4be0738',
    ],
    [
      [
        ['market', 'KRW-BTC'],
        ['limit', '10'],
      ],
      'd8214a07d0b7181ac91485f885d4349e9de6733bbd0806fec3102519a0ba1479b9be54245055706da413a6e916a8a978c1fc1a79e8e459d54c4de8fbe2bc70cd',
    ],
    [
      [
        ['market', 'KRW-BTC'],
        ['states[]', 'wait'],
        ['states[]', 'watch'],
      ],
      'c01bbcb80094d2225c90eda65128baf7ef800471fbdeb76579856d1532cd263060e41ede9c52bfc926a0b46c4b7797a61e4327cda59d236f829cde4c875dfe77',
    ],
    [
      [
        ['market', 'KRW-BTC'],
        ['side', 'bid'],
        ['volume', '0.01'],
        ['price', '100.0'],
        ['ord_type', 'limit'],
      ],
      '1db802a392c559d55c99662a20c6911ba9ea31a9f58bf92156af243ca1462b004c6e6b27c934afefbde5ca15d28deb67e90cd619b466c9a3c2fe020ad2bbdd24',
    ],
  ] as [[string, string][], string][])('of %j', (parameters, expected) => {
    expect(queryHash(parameters)).toBe(expected);
  });
});

describe('the authorization header', () => {
  const secretKey = 'a secret that stays here';

  it('is a JWT signed with HS512 that names the key, a nonce and the hash of what is sent', async () => {
    const authorize = createAuthorizer({ accessKey: 'the-key', secretKey }, () => 'nonce-1');

    const header = await authorize([['market', 'KRW-BTC']]);

    const { payload, protectedHeader } = await jwtVerify(
      header.replace('Bearer ', ''),
      new TextEncoder().encode(secretKey),
    );
    expect(protectedHeader.alg).toBe('HS512');
    expect(payload).toEqual({
      access_key: 'the-key',
      nonce: 'nonce-1',
      query_hash: queryHash([['market', 'KRW-BTC']]),
      query_hash_alg: 'SHA512',
    });
  });

  it('carries no hash when nothing is sent, and never the same nonce twice', async () => {
    const authorize = createAuthorizer({ accessKey: 'the-key', secretKey });
    const claims = await Promise.all(
      [authorize([]), authorize([])].map(
        async (header) =>
          (await jwtVerify((await header).replace('Bearer ', ''), new TextEncoder().encode(secretKey))).payload,
      ),
    );
    expect(claims[0]).not.toHaveProperty('query_hash');
    expect(claims[0]?.nonce).not.toBe(claims[1]?.nonce);
  });
});

describe('the body of an order', () => {
  const market = parseMarket('KRW-BTC');
  it.each([
    [
      { market, identifier: 'i-1', type: 'limit', side: 'bid', price: '100000', volume: '0.1' },
      'market=KRW-BTC&side=bid&volume=0.1&price=100000&ord_type=limit&identifier=i-1&smp_type=cancel_taker',
    ],
    [
      { market, identifier: 'i-2', type: 'market', side: 'bid', spendKrw: '10000' },
      'market=KRW-BTC&side=bid&price=10000&ord_type=price&identifier=i-2&smp_type=cancel_taker',
    ],
    [
      { market, identifier: 'i-3', type: 'market', side: 'ask', volume: '0.1' },
      'market=KRW-BTC&side=ask&volume=0.1&ord_type=market&identifier=i-3&smp_type=cancel_taker',
    ],
  ] as const)('of %j', (request, expected) => {
    expect(
      orderParameters(request, request.identifier)
        .map(([name, value]) => `${name}=${value}`)
        .join('&'),
    ).toBe(expected);
  });
});
