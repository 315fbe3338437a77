// A job's progress as server-sent events (WHATWG HTML, section 9.2).

import { hasEnded, type Job } from '../../jobs/job.ts';
import type { Bytes } from '../../storage/files/file-store.ts';

export interface EventSource {
  readonly find: () => Promise<Job | null>;
  /** What is told of the job. */
  readonly answer: (job: Job) => Promise<object>;
  readonly now: () => number;
}

/** Milliseconds between looks at the job: a short list is done in no time, a long one is not to be watched closely. */
const looks = { first: 50, longest: 1000 };
/** A line that says nothing keeps proxies from closing a connection that is silent. */
const aliveEveryMs = 15_000;
/** Then the client comes back by itself. A Worker may not stay for hours. */
const longestMs = 5 * 60_000;

/**
 * An event for each version of the job after `seen`; its id is that version. Ends with the job, whose last event is called
 * by its state, or after five minutes.
 */
export async function* jobEvents({ find, answer, now }: EventSource, seen: number): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  const began = now();
  let spoke = began;
  let version = seen;
  let wait = looks.first;
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
    wait = Math.min(2 * wait, looks.longest);
  }
}
