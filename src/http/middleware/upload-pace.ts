// Ends uploads that arrive too slowly. Lists and imports are streamed, so no fixed time limit suits all of them.

import { systemTimers, type Timers } from '../../clock.ts';

/** The slowest pace at which a streamed body may arrive. */
export interface UploadPace {
  readonly bytesPerSecond: number;
  /**
   * Milliseconds that the service waits for a client that sends nothing. A slow client uses them up bit by bit, and regains
   * them when it sends faster than `bytesPerSecond`.
   */
  readonly patienceMs: number;
  readonly timers?: Timers;
}

/** Milliseconds of silence that a mobile connection may have. */
const defaultPatienceMs = 30_000;

/** Returns the pace of at least `bytesPerSecond`, or null for 0, which means no limit. */
export const uploadPaceOf = (bytesPerSecond: number, timers: Timers): UploadPace | null =>
  bytesPerSecond === 0 ? null : { bytesPerSecond, patienceMs: defaultPatienceMs, timers };

/** Thrown if a body arrives more slowly than its `UploadPace`. */
export class UploadTooSlow extends Error {}

/** The wait for a chunk is split into this many timers. Time in which the process is too busy to run one does not count. */
const patienceSteps = 30;

/**
 * Returns a function that waits for the next chunk of one body. Only waiting for the client counts: the time in which the
 * service stores a chunk does not.
 */
export function keepPace({ bytesPerSecond, patienceMs, timers = systemTimers }: UploadPace) {
  const stepMs = patienceMs / patienceSteps;
  let leftMs = patienceMs;

  /**
   * Resolves to what `read` resolves to.
   * @throws UploadTooSlow if that takes too long.
   */
  return async <Read extends { readonly value?: Uint8Array | undefined }>(
    read: Promise<Read>,
  ): Promise<Read> => {
    const { promise: tooSlow, reject } = Promise.withResolvers<never>();
    let since = timers.now();
    let timer: unknown;
    const spend = () => {
      const now = timers.now();
      leftMs -= Math.min(stepMs, Math.max(0, now - since));
      since = now;
    };
    const wait = () => {
      timer = timers.setTimeout(
        () => {
          spend();
          if (leftMs > 0) wait();
          else reject(new UploadTooSlow());
        },
        Math.min(stepMs, leftMs),
      );
    };
    wait();
    try {
      const chunk = await Promise.race([read, tooSlow]);
      spend();
      const gainedMs = (1000 * (chunk.value?.length ?? 0)) / bytesPerSecond;
      leftMs = Math.min(patienceMs, Math.max(0, leftMs) + gainedMs);
      return chunk;
    } finally {
      timers.clearTimeout(timer);
    }
  };
}
