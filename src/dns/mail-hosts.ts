// The port through which the validator asks the DNS.

import type { MailHost } from '../domain/mail-host.ts';

export interface FoundMailHost {
  readonly mailHost: MailHost;
  /** Epoch milliseconds at which the result expires. */
  readonly expires: number;
}

export interface MailHosts {
  /**
   * Maximum number of lookups that one request should have in progress; unlimited if absent. A lookup that waits in a queue
   * loses time, so callers should start further lookups later, with later deadlines.
   */
  readonly concurrency?: number;
  /**
   * Finds where `domain` (lower-case A-labels) takes its mail. Returns cached results without a promise.
   * Settles by `deadline` (epoch milliseconds), with `undetermined` if there is no answer. Never rejects.
   *
   * `together` is any object that lives as long as the request and is the same for all its look-ups. On Workers they share
   * questions and a queue of their own; on Node the first of them has the priority of a form and the others that of a batch.
   */
  lookup(domain: string, deadline: number, together?: object): FoundMailHost | Promise<FoundMailHost>;
}
