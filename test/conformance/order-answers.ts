/**
 * Answers about orders as text: made of the fields, formats and figures that Upbit's were seen to have over the years
 * (upbit.md §4), with ids of our own.
 */
export const ORDER_ANSWERS = {
  'a market buy that filled and ended in cancel':
    '{"uuid":"00000000-0000-4000-8000-000000000001","side":"bid","ord_type":"price","price":"10000","state":"cancel","market":"KRW-BTC","created_at":"2022-04-26T14:49:57+09:00","reserved_fee":"5","remaining_fee":"0.0000005515","paid_fee":"4.9999994485","locked":"0.0011035515","executed_volume":"0.02628466","trades_count":1,"trades":[{"market":"KRW-BTC","uuid":"00000000-0000-4000-8000-0000000000a1","price":"380450","volume":"0.02628466","funds":"9999.998897","trend":"up","created_at":"2022-04-26T14:49:57.123456+09:00","side":"bid"}]}',
  'of 2021, with nulls':
    '{"uuid":"00000000-0000-4000-8000-000000000002","side":"ask","ord_type":"market","price":null,"state":"done","market":"KRW-XRP","created_at":"2021-02-28T15:17:51+09:00","volume":"5.5","remaining_volume":"0.0","reserved_fee":"0.0","remaining_fee":"0.0","paid_fee":"2.75","locked":"0.0","executed_volume":"5.5","trades_count":1,"trades":[{"market":"KRW-XRP","uuid":"00000000-0000-4000-8000-0000000000a2","price":"1000.0","volume":"5.5","funds":"5500.0","created_at":"2021-02-28T15:17:51+09:00","side":"ask"}]}',
  'of 2025, with what nobody documents':
    '{"uuid":"00000000-0000-4000-8000-000000000003","identifier":"i-3","side":"bid","ord_type":"limit","price":"155772000","state":"wait","market":"KRW-BTC","created_at":"2025-07-04T15:00:00+09:00","volume":"0.0001","remaining_volume":"0.0001","executed_volume":"0","reserved_fee":"7.7886","remaining_fee":"7.7886","paid_fee":"0","locked":"15584.9886","prevented_volume":"0","prevented_locked":"0","trades_count":0,"time_in_force":"post_only","smp_type":"none","application_name":"web","is_cancel_and_newable":true,"avg_price":"0"}',
} as const;
