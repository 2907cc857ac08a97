import { AuthenticationFailed, OrderRejected } from './errors.ts';
import type { TradingExchange } from './port.ts';

/** What a key may be allowed or not, each by itself. */
export type KeyUse = 'balances' | 'look-ups' | 'orders';

/** What a call that bears a key's signature tells of the key. */
export type KeyNews =
  | { readonly kind: 'accepted'; readonly use: KeyUse }
  | {
      readonly kind: 'refused';
      readonly use: KeyUse;
      readonly refusal: AuthenticationFailed;
      /** The port's name of the call. */
      readonly call: keyof TradingExchange;
      /** Of the order it was about, where it named one. */
      readonly identifier: string | null;
    };

const USE_OF = {
  ...{ fetchBalances: 'balances', createOrder: 'orders', cancelOrder: 'orders' },
  ...{
    fetchOrder: 'look-ups',
    fetchOrderTerms: 'look-ups',
    fetchOpenOrders: 'look-ups',
    fetchClosedOrders: 'look-ups',
  },
} as const satisfies Record<keyof TradingExchange, KeyUse>;

/**
 * The same exchange; what each signed call tells of the key is heard on the side, and the caller is handed the very
 * promise of the call. A failure that tells nothing of the key is not heard of.
 *
 * @param hear must not throw; called before whoever awaits the call goes on
 */
export function watchKey<E extends TradingExchange>(exchange: E, hear: (news: KeyNews) => void): E {
  return new Proxy(exchange, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || !isSigned(name)) return member;
      return (...given: unknown[]) => {
        const answer: Promise<unknown> = Reflect.apply(member, target, given);
        answer.then(
          () => hear({ kind: 'accepted', use: USE_OF[name] }),
          (error: unknown) => {
            const refusal = refusalIn(error);
            const use = USE_OF[name];
            if (refusal !== undefined) {
              hear({ kind: 'refused', use, refusal, call: name, identifier: identifierIn(given[0]) });
              // What the exchange looked at, it looked at for this key.
            } else if (error instanceof OrderRejected) hear({ kind: 'accepted', use });
          },
        );
        return answer;
      };
    },
  });
}

function isSigned(name: string | symbol): name is keyof TradingExchange {
  return Object.hasOwn(USE_OF, name);
}

/** An order that did not leave for want of a key says so by its cause. */
function refusalIn(error: unknown): AuthenticationFailed | undefined {
  if (error instanceof AuthenticationFailed) return error;
  return error instanceof Error && error.cause instanceof AuthenticationFailed ? error.cause : undefined;
}

function identifierIn(given: unknown): string | null {
  const { identifier } = (given ?? {}) as { identifier?: unknown };
  return typeof identifier === 'string' ? identifier : null;
}
