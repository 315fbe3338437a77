// What the spine needs of DNS.

import type { MailHost } from '../domain/mail-host.ts';

export interface FoundMailHost {
  readonly mailHost: MailHost;
  /** Epoch milliseconds from which the DNS is to be asked again. */
  readonly expires: number;
}

export interface MailHosts {
  /**
   * Look-ups of one request that are worth starting at once; no limit of its own where absent. What starts later has its
   * deadline from then, which is why a caller should not start more.
   */
  readonly concurrency?: number;
  /**
   * Where `domain` (lower-case A-labels) takes its mail. Answers at once, without a promise, where the cache knows.
   * `deadline` is epoch milliseconds; the answer is there by then, or `undetermined`. Never rejects.
   *
   * `together` is any object that lives as long as the request and is the same for all its look-ups. On Workers they share
   * questions and a queue of their own; on Node the first of them has the priority of a form and the others that of a batch.
   */
  lookUp(domain: string, deadline: number, together?: object): FoundMailHost | Promise<FoundMailHost>;
}
