// What the spine needs of DNS.

import type { MailHost } from '../domain/mail-host.ts';

export interface FoundMailHost {
  readonly mailHost: MailHost;
  /** Epoch milliseconds from which the DNS is to be asked again. */
  readonly expires: number;
}

export interface MailHosts {
  /**
   * Where `domain` (lower-case A-labels) takes its mail. Answers at once, without a promise, where the cache knows.
   * `deadline` is epoch milliseconds; the answer is there by then, or `undetermined`. Never rejects.
   *
   * Look-ups that pass the same `together` may wait for one another's questions where the runtime allows it within a
   * request only. Any object will do that lives as long as the request.
   */
  lookUp(domain: string, deadline: number, together?: object): FoundMailHost | Promise<FoundMailHost>;
}
