// Spreads the messages of an hour over it, so that mail does not pile up at the top of the hour.

/** How to send: so many messages, then a pause. */
export interface Spread {
  readonly messages: number;
  readonly everySeconds: number;
  /** Add a random time of up to so many seconds to each pause: batches at fixed times meet those of other senders. */
  readonly randomSeconds: number;
}

/** Returns the batches of a limit; null if nothing may be sent. In an hour they contain no more messages than the limit. */
export function spreadOver(perHour: number): Spread | null {
  if (perHour < 1) return null;
  const messages = Math.max(1, Math.floor(perHour / 60));
  const everySeconds = Math.ceil((messages * 3600) / perHour);
  return { messages, everySeconds, randomSeconds: Math.floor(everySeconds / 2) };
}
