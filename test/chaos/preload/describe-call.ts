import type { Gated, Visit } from '../visit.ts';

type About = Pick<Visit, 'order' | 'market' | 'detail'>;

interface Named {
  readonly identifier?: string;
  readonly market?: string;
}

/** What a call of a gated function is about, from its arguments. */
export function describeCall(name: Gated, args: readonly unknown[]): About {
  const [first, second, third] = args as [Named, unknown, unknown];
  switch (name) {
    case 'decideOnce':
      return { order: null, market: (second as Named).market ?? null, detail: null };
    case 'moveOrder':
      return { ...ofOrder(second as Named), detail: String(third) };
    case 'settleOrder':
      return { ...ofOrder((second as { order: Named }).order), detail: String(third) };
    case 'bookFills':
      return {
        ...ofOrder((second as { order: Named }).order),
        detail: (third as unknown[]).length > 0 ? 'fills' : 'none',
      };
    case 'insertIntendedOrder':
    case 'resolveOrder':
    case 'recordRefusal':
    case 'recordNotSent':
      return { ...ofOrder(second as Named), detail: null };
    case 'createOrder':
    case 'fetchOrder':
    case 'cancelOrder':
      return { ...ofOrder(first), detail: null };
    case 'writeStaleDecisions':
      return { order: null, market: String(third), detail: null };
    case 'compareAccount':
    case 'settleOrders':
    case 'recordComparison':
    case 'fetchBalances':
    case 'fetchOpenOrders':
      return { order: null, market: null, detail: null };
    default:
      return { ...ofOrder({ identifier: String(second) }), detail: null };
  }
}

/** What it came to. */
export function describeResult(name: Gated, args: readonly unknown[], value: unknown): string | null {
  const result = value as Record<string, unknown> | undefined;
  switch (name) {
    case 'decideOnce':
      return result?.order === null ? 'no order' : 'order';
    case 'beginSending':
    case 'renewSending':
    case 'recordAccepted':
    case 'placeOrder':
      return String(result?.kind);
    case 'fetchOrder':
    case 'cancelOrder':
      return result === undefined ? 'not found' : String(result.state);
    case 'recordFills':
    case 'recordNotSent':
    case 'giveUpSending':
    case 'markExpired':
      return String((result?.order as { status: string } | undefined)?.status);
    case 'createOrder':
      return 'accepted';
    case 'recordRefusal':
      return result?.rejected === true ? 'rejected' : 'noted';
    default:
      return describeCall(name, args).detail;
  }
}

function ofOrder({ identifier, market }: Named): Pick<About, 'order' | 'market'> {
  return { order: identifier ?? null, market: market ?? identifier?.split('-').slice(1, 3).join('-') ?? null };
}
