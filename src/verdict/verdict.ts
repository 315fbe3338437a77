// The words of a verdict: what is told about one address.

import type { SyntaxFailure } from '../address/mailbox.ts';
import type { MailHost } from '../domain/mail-host.ts';

/** `unknown` is for what could not be determined: it means "ask again" and outranks `risky`. */
export type Result = 'deliverable' | 'risky' | 'undeliverable' | 'unknown';

/** Closed and documented: a reason is a row of the policy table. Adding one is an additive change. */
export type Reason =
  | 'syntax_error'
  | 'suppressed'
  | 'special_use_domain'
  | 'domain_typo'
  | 'domain_nonexistent'
  | 'null_mx'
  | 'no_mail_host'
  | 'unroutable_mail_host'
  | 'denied_domain'
  | 'dns_undetermined'
  | 'suppression_undetermined'
  | 'disposable_domain'
  | 'disposable_mail_host'
  | 'parked_domain'
  | 'confusable_domain'
  | 'role_account'
  | 'implicit_mx'
  | 'relay_alias'
  | 'no_known_obstacle';

/** What a form or an import should do. `confirm`: ask the person, showing `did_you_mean` where there is one. */
export type Action = 'accept' | 'confirm' | 'reject' | 'retry';

export interface PredictedBounce {
  /** Null where no bounce is expected. */
  readonly class: 'hard' | 'soft' | null;
  /** The enhanced status (RFC 3463) that the bounce would carry, or null. */
  readonly status: string | null;
  /** The chance that a message sent now comes back for good, and its 90 % interval. */
  readonly probability: number;
  readonly low: number;
  readonly high: number;
  /** `prior`: from the policy table. `observed`: moved by the caller's own deliveries and bounces. */
  readonly basis: 'prior' | 'observed';
  /** Outcomes of the addresses most like this one, as far as they are not forgotten; 0 for a prior. */
  readonly sample: number;
}

export interface Verdict {
  /** The text as it was given. */
  readonly email: string;
  /** The canonical address, or null where the grammar fails. */
  readonly normalized: string | null;
  readonly user: string | null;
  readonly domain: string | null;
  readonly result: Result;
  readonly reason: Reason;
  /** Every reason that applies, in the order of the policy table; the first is `reason`. */
  readonly signals: readonly Reason[];
  /** One English sentence for a person. Names no address. */
  readonly message: string;
  /** Where and why the grammar fails. */
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
  /** Epoch milliseconds; from then on the verdict should be asked for again. */
  readonly expiresAt: number;
}
