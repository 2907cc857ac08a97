/** Upbit's REST API in Korea; its WebSocket has the same host. */
export const UPBIT_ADDRESS = 'https://api.upbit.com';
