// The verdict on one address: everything that presend says about it.

import type { SyntaxFailure } from '../address/mailbox.ts';
import type { KnownProof } from '../address/mailbox-proof.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { Reason } from '../signals/catalogue.ts';
import type { SuppressionNote } from '../signals/evidence.ts';
import type { Action, Probability, Result } from '../signals/signal.ts';

export type { Reason } from '../signals/catalogue.ts';
export type { Action, Result } from '../signals/signal.ts';

/** The bounce to expect if a message is sent now, and the probability of a hard bounce. */
export interface PredictedBounce extends Probability {
  /** The class of the expected bounce; null if no bounce is expected. */
  readonly class: 'hard' | 'soft' | null;
  /**
   * The enhanced status code (RFC 3463) of the expected bounce, such as 5.1.1, or null. For a suppressed address, it is the
   * status in the entry of the suppression list, if the entry has one.
   */
  readonly status: string | null;
  /**
   * Where the probability comes from. `prior`: a built-in figure for the reason, raised for the age of the address if that is
   * known. `observed`: also adjusted to reported deliveries and bounces.
   */
  readonly basis: 'prior' | 'observed';
  /** Number of reported outcomes of the most similar addresses; 0 for a prior. Old outcomes count less than new ones. */
  readonly sample: number;
}

export interface Verdict {
  /** The text that the caller sent, unchanged. */
  readonly email: string;
  /** The canonical address, or null if the syntax is wrong. */
  readonly normalized: string | null;
  readonly user: string | null;
  readonly domain: string | null;
  readonly result: Result;
  readonly reason: Reason;
  /** Every reason that applies, the most important first. The first one is `reason`. */
  readonly signals: readonly Reason[];
  /** One English sentence for a person. Contains no address. */
  readonly message: string;
  /** Where and why the syntax is wrong; null if it is valid. */
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
  /** When the verdict was made, in epoch milliseconds. */
  readonly checkedAt: number;
  /** When the address should be verified again, in epoch milliseconds. */
  readonly expiresAt: number;
  /** The address to which mail is sent, if it differs from `normalized`; see `addressToSend`. */
  readonly sendTo?: string;
  /** The mail gateway in front of the mailboxes, such as mimecast. Absent if the MX records name none. */
  readonly gateway?: string;
  /**
   * The entry of the suppression list that matters most for the mail that the caller wants to send. Its `effect` says whether
   * it stops this mail. Absent if there is no entry, or if the list was not asked or did not answer.
   */
  readonly suppression?: SuppressionNote;
  /** What is known about whether the mailbox exists, by own mail or by an answer of its mail host. Absent if nothing is. */
  readonly mailbox?: KnownProof;
}
