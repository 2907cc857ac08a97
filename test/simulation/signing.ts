import { createHmac, createSecretKey } from 'node:crypto';

/**
 * WebCrypto answers from a thread of its own, at a moment of its own. Signing the same bytes at once instead keeps a
 * history in its order.
 */
export async function installSynchronousSigning(secret: string): Promise<void> {
  const { subtle } = globalThis.crypto;
  const bytes = new TextEncoder().encode(secret);
  const key = await subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-512' }, false, ['sign']);
  const secretKey = createSecretKey(bytes);
  const requireKnown = (given: unknown): void => {
    if (given !== key && !Buffer.from(given as Uint8Array).equals(bytes)) {
      throw new Error('only the simulated key is signed with here');
    }
  };
  Object.assign(Object.getPrototypeOf(subtle), {
    importKey: async (_format: string, given: Uint8Array) => {
      requireKnown(given);
      return key;
    },
    sign: async (_algorithm: unknown, given: unknown, data: Uint8Array) => {
      requireKnown(given);
      return new Uint8Array(createHmac('sha512', secretKey).update(data).digest()).buffer;
    },
  });
}
