/** Why a run ends. */
export type EndReason = 'signal' | 'elapsed' | 'parent-gone';

export interface EndSignals {
  /** Resolves with the first reason to end. */
  readonly ended: Promise<EndReason>;
  /** The reason, once there is one. */
  reason(): EndReason | undefined;
  /** Begins to count `--for`. */
  endAfter(ms: number): void;
  /** Takes all listeners away again, that for signals a second after the first one. */
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C arrives up to three times, from the terminal, npm and the process in front of us; a second one comes later. */
const SAME_PRESS_MS = 1_000;

/**
 * Listens for what ends a run: a signal, the disappearance of the process that started us (when there is an IPC
 * channel to it), time.
 *
 * @param onSecondSignal called for a signal that comes when the end is already under way.
 */
export function listenForEnd(onSecondSignal: () => void): EndSignals {
  const { promise: ended, resolve } = Promise.withResolvers<EndReason>();
  let first: { readonly reason: EndReason; readonly at: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = (reason: EndReason): void => {
    first ??= { reason, at: performance.now() };
    resolve(first.reason);
  };
  const onSignal = (): void => {
    if (first !== undefined && performance.now() - first.at > SAME_PRESS_MS) onSecondSignal();
    else end('signal');
  };
  const onDisconnect = (): void => end('parent-gone');
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('disconnect', onDisconnect);
  if (process.connected === false) end('parent-gone');
  const stopListening = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };

  return {
    ended,
    reason: () => first?.reason,
    endAfter: (ms) => {
      timer = setTimeout(() => end('elapsed'), ms);
    },
    dispose: () => {
      clearTimeout(timer);
      process.off('disconnect', onDisconnect);
      // A bot may have stopped before the same press has arrived for the last time: that must not kill it on its way out.
      const left = first?.reason === 'signal' ? first.at + SAME_PRESS_MS - performance.now() : 0;
      if (left > 0) setTimeout(stopListening, left).unref();
      else stopListening();
    },
  };
}
