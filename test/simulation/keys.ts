/** The key the simulated bot signs with. Nobody checks it. */
export const KEYS = { accessKey: 'simulated', secretKey: 'simulated-secret' };
