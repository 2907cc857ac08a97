import type { UpbitKeys } from './authorization.ts';

/** A JWT or a part of it, wherever it begins: header and claims, which name the key, are JSON objects in base64url. */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g;
/** Shorter ones are those of examples, and may be part of any word. */
const SHORTEST_KEY = 8;

/** Makes what somebody else says fit to be shown and kept: without our keys, and without what was signed with them. */
export type HideKeys = (text: string) => string;

export function createKeyHider({ accessKey, secretKey }: Partial<UpbitKeys> = {}): HideKeys {
  const keys = [secretKey, accessKey].filter((key) => key !== undefined).filter((key) => key.length >= SHORTEST_KEY);
  return (text) =>
    keys.reduce((shown, key) => shown.replaceAll(key, '(key hidden)'), text.replace(TOKEN, '(token hidden)'));
}
