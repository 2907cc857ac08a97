declare module 'undici/lib/dispatcher/agent.js' {
  /** What Node's own `fetch` takes. Its types are of another version of the package than this one is. */
  const Agent: new (options: import('undici').Agent.Options) => NonNullable<RequestInit['dispatcher']>;
  export default Agent;
}
