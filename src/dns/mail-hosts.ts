// The interface through which the validator finds the mail hosts of a domain by DNS.

import type { MailHost } from '../domain/mail-host.ts';

export interface FoundMailHost {
  readonly mailHost: MailHost;
  /** Epoch milliseconds at which the result expires. */
  readonly expires: number;
}

export interface MailHosts {
  /**
   * Maximum number of lookups that one request should have in progress; unlimited if absent. Further questions wait in a
   * queue, and this time counts toward a lookup's deadline. So a caller with more domains should start a lookup only when an
   * earlier one has ended.
   */
  readonly concurrency?: number;
  /**
   * Finds the hosts that receive mail for `domain` (lower-case A-labels). Returns cached results without a promise. A promise
   * settles by `deadline` (epoch milliseconds). If the lookup has not ended by then, the result is `mx` with the MX records
   * known so far, or `undetermined`. The promise never rejects.
   *
   * `together` identifies the request: pass the same object, of any kind, with all lookups of one request. The first of them
   * has the priority `form`, and the others have `batch`. (Lookups for jobs always have the priority `job`.) On Workers, only
   * lookups with the same object share questions and a queue. On Node, all lookups do.
   */
  lookup(domain: string, deadline: number, together?: object): FoundMailHost | Promise<FoundMailHost>;
}
