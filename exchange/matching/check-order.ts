import { isOnTick } from '../../strategy/tick-size.ts';
import { type Decimal, Exact, VOLUME_DECIMALS } from './exact.ts';
import type { OrderRequest } from './order.ts';
import { type Rejection, rejection, sideRejection } from './rejection.ts';

/** Least worth of a KRW order, both sides, fee not counted. */
export const MIN_TOTAL_KRW = new Exact(5_000);
/** Greatest worth of a KRW order. */
export const MAX_TOTAL_KRW = new Exact(1_000_000_000);

const DECIMAL_TEXT = /^\d{1,20}(\.\d{1,30})?([eE][+-]?\d{1,2})?$/;
const SMP_TYPES = ['cancel_maker', 'cancel_taker', 'reduce', 'none'];

/**
 * Upbit's rules for a single order, funds left out. Which fault is named when there are several is not documented;
 * here: the combination of parameters, then numbers, then the tick, then minimum and maximum.
 *
 * @param bestPrice KRW; what a market sell is valued at.
 */
export function checkOrder(request: OrderRequest, bestPrice: Decimal): Rejection | undefined {
  return checkCombination(request) ?? checkNumbers(request) ?? checkWorth(request, bestPrice);
}

/** Whether the order spends a total of KRW instead of naming a quantity. */
export function buysByTotal(request: OrderRequest): boolean {
  return request.type === 'price' || (request.type === 'best' && request.side === 'bid');
}

function checkCombination(request: OrderRequest): Rejection | undefined {
  const { side, type, timeInForce, smpType } = request;
  const needsPrice = type === 'limit' || buysByTotal(request);
  const needsVolume = !buysByTotal(request);
  if ((type === 'price' && side === 'ask') || (type === 'market' && side === 'bid')) {
    return rejection(`create_${side}_error`, `ord_type ${type} is not for side ${side}`);
  }
  if (needsPrice !== (request.price !== undefined)) {
    return rejection(`create_${side}_error`, `price must ${needsPrice ? 'be given' : 'be left out'} for ${type}`);
  }
  if (needsVolume !== (request.volume !== undefined)) {
    return rejection(`create_${side}_error`, `volume must ${needsVolume ? 'be given' : 'be left out'} for ${type}`);
  }
  const immediate = timeInForce === 'ioc' || timeInForce === 'fok';
  if (type === 'best' ? !immediate : type !== 'limit' && timeInForce !== undefined) {
    return rejection('invalid_time_in_force', `time_in_force ${timeInForce ?? 'missing'} does not go with ${type}`);
  }
  if (smpType !== undefined && !SMP_TYPES.includes(smpType)) {
    return rejection('invalid_parameter', `smp_type ${smpType} is unknown`);
  }
  if (timeInForce === 'post_only' && smpType !== undefined && smpType !== 'none') {
    return rejection('invalid_post_only', 'post_only does not go with smp_type');
  }
  return undefined;
}

function checkNumbers(request: OrderRequest): Rejection | undefined {
  const { side } = request;
  if (request.volume !== undefined) {
    const volume = positive(request.volume);
    if (volume === undefined || volume.decimalPlaces() > VOLUME_DECIMALS) {
      return sideRejection('invalid_volume', side, 'volume must be positive and have at most 8 decimals');
    }
  }
  if (request.price !== undefined) {
    const price = positive(request.price);
    if (buysByTotal(request)) {
      // Upbit's limit is not documented; eight decimals are what its responses show for KRW totals.
      if (price === undefined || price.decimalPlaces() > 8) {
        return sideRejection('invalid_funds', side, 'the total must be positive and have at most 8 decimals');
      }
    } else if (price === undefined || !isOnTick(price)) {
      return sideRejection('invalid_price', side, 'price must be positive and a multiple of the tick');
    }
  }
  return undefined;
}

function checkWorth(request: OrderRequest, bestPrice: Decimal): Rejection | undefined {
  const { side, price, volume } = request;
  const worth = volume === undefined ? new Exact(price ?? 0) : new Exact(volume).times(price ?? bestPrice);
  if (worth.lt(MIN_TOTAL_KRW)) {
    const stem = price === undefined ? 'under_min_total_market' : 'under_min_total';
    return sideRejection(stem, side, `an order must be worth at least ${MIN_TOTAL_KRW} KRW`);
  }
  if (worth.gt(MAX_TOTAL_KRW)) {
    return sideRejection('over_krw_funds', side, `an order may be worth ${MAX_TOTAL_KRW} KRW at most`);
  }
  return undefined;
}

function positive(text: string): Decimal | undefined {
  if (!DECIMAL_TEXT.test(text)) return undefined;
  const number = new Exact(text);
  return number.gt(0) ? number : undefined;
}
