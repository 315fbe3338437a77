// What the prober found out about an address.

import type { MailboxProof } from '../address/mailbox-proof.ts';

export interface ProbeFinding {
  readonly proof: MailboxProof;
  /** When a host was asked, in epoch milliseconds; null if none was. */
  readonly checkedAt: number | null;
  /** When to ask again, in epoch milliseconds; null if the proof is final for now. */
  readonly retryAt: number | null;
}
