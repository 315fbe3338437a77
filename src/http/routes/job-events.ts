// A job's progress as server-sent events (WHATWG HTML, section 9.2).

import { hasEnded, type Job } from '../../jobs/job.ts';
import type { Bytes } from '../../storage/files/file-store.ts';

/** Whether a path (with or without a query) is that of an event stream, whose response may last for minutes. */
export const isEndless = (path: string): boolean => /^\/v1\/jobs\/[^/]+\/events(\?|$)/.test(path);

export interface EventSource {
  /** Reads the job from storage; null if it was deleted. */
  readonly find: () => Promise<Job | null>;
  /** Returns the data of an event about the job, which is sent as JSON. */
  readonly answer: (job: Job) => Promise<object>;
  readonly now: () => number;
}

/**
 * Milliseconds between two reads of the job from storage. The wait is `first` at the start and then doubles up to `longest`.
 */
const pollIntervalMs = { first: 50, longest: 1000 };
/** Milliseconds without an event after which the line `: alive` is sent, so proxies do not close the connection as idle. */
const aliveEveryMs = 15_000;
/**
 * Maximum duration of a stream in milliseconds. After that, the stream ends and the client reconnects, because a Worker cannot
 * stream for hours.
 */
const longestMs = 5 * 60_000;

/**
 * Yields an event whenever the job has changed, with the job's version as the event id. `seen` is the version that the client
 * received last, or 0. When the job ends, the last event is named after the final state, such as `completed`, and the stream
 * ends. The stream also ends when the job was deleted, and after `longestMs`.
 */
export async function* jobEvents({ find, answer, now }: EventSource, seen: number): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  const began = now();
  let spoke = began;
  let version = seen;
  let wait = pollIntervalMs.first;
  yield encoder.encode('retry: 1000\n\n');
  while (now() - began < longestMs) {
    const job = await find();
    if (job === null) {
      yield encoder.encode('event: deleted\ndata: {}\n\n');
      return;
    }
    const ended = hasEnded(job);
    if (job.version !== version) {
      version = job.version;
      spoke = now();
      const name = ended ? job.state : 'progress';
      const data = JSON.stringify(await answer(job));
      yield encoder.encode(`event: ${name}\nid: ${version}\ndata: ${data}\n\n`);
    } else if (now() - spoke >= aliveEveryMs) {
      spoke = now();
      yield encoder.encode(': alive\n\n');
    }
    if (ended) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, pollIntervalMs.longest);
  }
}
