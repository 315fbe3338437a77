// What the spine needs of DNS.

import type { MailHost } from '../domain/mail-host.ts';

export interface MailHosts {
  /**
   * Where `domain` (lower-case A-labels) takes its mail. Answers at once, without a promise, where the cache knows.
   * `deadline` is epoch milliseconds; the answer is there by then, or `undetermined`. Never rejects.
   */
  lookUp(domain: string, deadline: number): MailHost | Promise<MailHost>;
}
