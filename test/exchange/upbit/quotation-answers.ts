/**
 * Answers of Upbit's Quotation API as text, so that every digit is the exchange's. Real ones unless marked: of 2021, as
 * the documentation of uJhin/upbit-client shows them, and of 2024, from ccxt's fixtures. `documented` ones are made of
 * the fields and formats of Upbit's documentation (2026-07-28), because no real one was at hand.
 */
export const ANSWERS = {
  minutes:
    '[{"market":"KRW-BTC","candle_date_time_utc":"2021-01-08T17:05:00","candle_date_time_kst":"2021-01-09T02:05:00","opening_price":47550000.0,"high_price":47563000.0,"low_price":47550000.0,"trade_price":47551000.0,"timestamp":1610125540014,"candle_acc_trade_price":44005459.60087,"candle_acc_trade_volume":0.92535793,"unit":1}]',
  hours:
    '[{"market":"USDT-BTC","candle_date_time_utc":"2024-03-13T11:00:00","candle_date_time_kst":"2024-03-13T20:00:00","opening_price":72738.58583492,"high_price":73578.65700000,"low_price":72738.58583492,"trade_price":73578.65500000,"timestamp":1710328237828,"candle_acc_trade_price":1669.08358949,"candle_acc_trade_volume":0.02284923,"unit":60}]',
  days: '[{"market":"KRW-BTC","candle_date_time_utc":"2021-01-08T00:00:00","candle_date_time_kst":"2021-01-08T09:00:00","opening_price":44698000.0,"high_price":48550000.0,"low_price":42271000.0,"trade_price":47544000.0,"timestamp":1610126678593,"candle_acc_trade_price":868607517589.245,"candle_acc_trade_volume":18953.44414088,"prev_closing_price":44698000.0,"change_price":2846000.0,"change_rate":0.0636717527}]',
  weeks:
    '[{"market":"KRW-BTC","candle_date_time_utc":"2021-01-04T00:00:00","candle_date_time_kst":"2021-01-04T09:00:00","opening_price":37537000.0,"high_price":48550000.0,"low_price":33000000.0,"trade_price":47617000.0,"timestamp":1610126559879,"candle_acc_trade_price":3531977900551.1753,"candle_acc_trade_volume":88370.43948385,"first_day_of_period":"2021-01-04"}]',
  months:
    '[{"market":"KRW-BTC","candle_date_time_utc":"2021-01-01T00:00:00","candle_date_time_kst":"2021-01-01T09:00:00","opening_price":32037000.0,"high_price":48550000.0,"low_price":31800000.0,"trade_price":47609000.0,"timestamp":1610126792251,"candle_acc_trade_price":5279753367606.828,"candle_acc_trade_volume":136975.61257404,"first_day_of_period":"2021-01-01"}]',
  ticker:
    '[{"market":"KRW-BTC","trade_date":"20210108","trade_time":"174621","trade_date_kst":"20210109","trade_time_kst":"024621","trade_timestamp":1610127981000,"opening_price":44698000.0,"high_price":48550000.0,"low_price":42271000.0,"trade_price":47577000.0,"prev_closing_price":44698000.0,"change":"RISE","change_price":2879000.0,"change_rate":0.0644100407,"signed_change_price":2879000.0,"signed_change_rate":0.0644100407,"trade_volume":0.00033988,"acc_trade_price":861919074055.3187,"acc_trade_price_24h":1082457070848.9071,"acc_trade_volume":18804.39719428,"acc_trade_volume_24h":23822.32449006,"highest_52_week_price":48550000.0,"highest_52_week_date":"2021-01-08","lowest_52_week_price":5489000.0,"lowest_52_week_date":"2020-03-13","timestamp":1610127981564}]',
  tickerOf2024:
    '[{"market":"USDT-BTC","trade_date":"20240313","trade_time":"111037","trade_date_kst":"20240313","trade_time_kst":"201037","trade_timestamp":1710328237798,"opening_price":71126.14598036,"high_price":73831.69765763,"low_price":70857.00039906,"trade_price":73578.65500000,"prev_closing_price":71126.14598036,"change":"RISE","change_price":2452.50901964,"change_rate":0.0344811178,"signed_change_price":2452.50901964,"signed_change_rate":0.0344811178,"trade_volume":0.00325605,"acc_trade_price":306095.1228293561797048,"acc_trade_price_24h":506342.98398488,"acc_trade_volume":4.22369565,"acc_trade_volume_24h":7.03935349,"highest_52_week_price":73831.69765763,"highest_52_week_date":"2024-03-13","lowest_52_week_price":23936.80694835,"lowest_52_week_date":"2023-03-16","timestamp":1710328237828}]',
  trades:
    '[{"market":"USDT-BTC","trade_date_utc":"2024-03-13","trade_time_utc":"10:59:31","timestamp":1710327571922,"trade_price":73249.66500000,"trade_volume":0.00840925,"prev_closing_price":71126.14598036,"change_price":2123.51901964,"ask_bid":"ASK","sequential_id":17103275719220001}]',
  /** documented */
  orderBook:
    '[{"market":"KRW-BTC","timestamp":1746601573804,"total_ask_size":4.79158413,"total_bid_size":2.65609625,"orderbook_units":[{"ask_price":137002000,"bid_price":137001000,"ask_size":0.10623869,"bid_size":0.03656812},{"ask_price":137023000,"bid_price":137000000,"ask_size":0.06144079,"bid_size":0.33543284}],"level":0}]',
  /** documented */
  instruments:
    '[{"market":"KRW-BTC","quote_currency":"KRW","tick_size":"1000","supported_levels":["0","10000","100000","1000000","10000000","100000000"]}]',
  /** documented */
  markets:
    '[{"market":"KRW-BTC","korean_name":"비트코인","english_name":"Bitcoin","market_event":{"warning":true,"caution":{"PRICE_FLUCTUATIONS":false,"TRADING_VOLUME_SOARING":true,"DEPOSIT_AMOUNT_SOARING":false,"GLOBAL_PRICE_DIFFERENCES":true,"CONCENTRATION_OF_SMALL_ACCOUNTS":false}}}]',
  /** documented */
  keys: '[{"access_key":"abc","expire_at":"2021-03-09T12:39:39+00:00"}]',
} as const;
