import { pause, pauseUntil } from '../pause.ts';

/**
 * Somebody who looks at the exchange now and then, and sooner where it says that there is something to see. What is told
 * decides when is looked, never what is seen.
 */
export interface Listener {
  /**
   * Resolves when something was told since it resolved last or since the listening began, at the latest after `atMostMs`.
   * Who is told again and again looks at most four times as often as by itself: each look is a request.
   *
   * @throws {CancelledFailure} as soon as Temporal takes the attempt away
   */
  next(atMostMs: number): Promise<void>;
  /** Ends the listening; until then what is told is kept for it. */
  close(): void;
}

/** For those who are told nothing. */
export const DEAF: Listener = { next: pause, close: () => undefined };

export interface WakeUps {
  /** @param subject whom or what the news must be of */
  listen(subject: string): Listener;
  wake(subject: string): void;
  wakeAll(): void;
}

/** Share of its own pause before which somebody who was just told is not told again. */
const CALM_SHARE = 1 / 4;

/** @param now milliseconds that only go forward */
export function createWakeUps(now: () => number = () => performance.now()): WakeUps {
  const listening = new Set<{ readonly subject: string; readonly tell: () => void }>();
  return {
    listen(subject) {
      let news = Promise.withResolvers<void>();
      let isTold = false;
      let calmUntil = Number.NEGATIVE_INFINITY;
      const entry = {
        subject,
        tell(): void {
          isTold = true;
          news.resolve();
        },
      };
      listening.add(entry);
      return {
        async next(atMostMs) {
          const latest = now() + atMostMs;
          await pauseUntil(news.promise, atMostMs);
          if (!isTold) return;
          const early = Math.min(calmUntil, latest) - now();
          if (early > 0) await pauseUntil(new Promise(() => undefined), early);
          // Whatever was told until now, the look that follows sees.
          isTold = false;
          news = Promise.withResolvers<void>();
          calmUntil = now() + atMostMs * CALM_SHARE;
        },
        close: () => void listening.delete(entry),
      };
    },
    wake(subject) {
      for (const one of listening) if (one.subject === subject) one.tell();
    },
    wakeAll() {
      for (const one of listening) one.tell();
    },
  };
}
