// A verdict on one address.

import type { SyntaxFailure } from '../address/mailbox.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { Reason } from '../signals/catalogue.ts';
import type { SuppressionNote } from '../signals/evidence.ts';
import type { Action, Probability, Result } from '../signals/signal.ts';

export type { Reason } from '../signals/catalogue.ts';
export type { Action, Result } from '../signals/signal.ts';

/** The expected bounce of a message sent now, and the probability that it hard-bounces. */
export interface PredictedBounce extends Probability {
  /** Null if no bounce is expected. */
  readonly class: 'hard' | 'soft' | null;
  /** The enhanced status (RFC 3463) of the expected bounce, or null. */
  readonly status: string | null;
  /** `prior`: from the signal's prior alone. `observed`: adjusted by deliveries and bounces that were reported. */
  readonly basis: 'prior' | 'observed';
  /** Number of outcomes of the most similar addresses, weighted by age; 0 for a prior. */
  readonly sample: number;
}

export interface Verdict {
  /** The text as given. */
  readonly email: string;
  /** The canonical address, or null if the syntax is wrong. */
  readonly normalized: string | null;
  readonly user: string | null;
  readonly domain: string | null;
  readonly result: Result;
  readonly reason: Reason;
  /** Every reason that applies, in deciding order; the first is `reason`. */
  readonly signals: readonly Reason[];
  /** One English sentence for a person. Contains no address. */
  readonly message: string;
  /** Where and why the syntax is wrong. */
  readonly syntax: SyntaxFailure | null;
  readonly didYouMean: string | null;
  readonly action: Action;
  readonly bounce: PredictedBounce;
  readonly mailHost: MailHost;
  readonly provider: string | null;
  readonly disposable: boolean;
  readonly relay: boolean;
  readonly role: boolean;
  readonly free: boolean;
  readonly plusTag: string | null;
  readonly smtputf8: boolean;
  /** Epoch milliseconds. */
  readonly checkedAt: number;
  /** Epoch milliseconds after which the address should be verified again. */
  readonly expiresAt: number;
  /** The suppression entry that matters for the mail in question; absent if there is none, or the list was not asked. */
  readonly suppression?: SuppressionNote;
}
