/**
 * What tells one exchange from another, and what people are shown of it: its address without credentials, query and a
 * slash at the end. `localhost` is written as 127.0.0.1, because people mean the same by both.
 *
 * @param url a valid `http` or `https` URL
 */
export function endpointOf(url: string): string {
  const parsed = new URL(url);
  if (parsed.hostname === 'localhost') parsed.hostname = '127.0.0.1';
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

/** Whether the address is of this very machine. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** Whether a user name or a password stands before the host of a valid URL. */
export function holdsCredentials(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}
