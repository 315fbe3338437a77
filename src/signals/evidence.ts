// Everything known about one address when it is judged.

import type { Mailbox, SyntaxFailure } from '../address/mailbox.ts';
import type { DomainFacts, TypoSuggestion } from '../domain/facts.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { MailHostFacts } from '../domain/mail-host-facts.ts';

/** The entry of the suppression list that matters most for the mail in question. */
export interface SuppressionNote {
  /** `all`, `marketing` or `list:NAME`. */
  readonly scope: string;
  readonly reason: 'bounce' | 'complaint' | 'unsubscribe' | 'manual';
  /** `inform`: the entry is about other mail and stops nothing. */
  readonly effect: 'block' | 'confirm' | 'inform';
  /** Enhanced status code (RFC 3463). */
  readonly status: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

export type SuppressionEvidence =
  /** No entry, or an entry that does not stop the mail in question. */
  | { readonly kind: 'clear'; readonly entry?: SuppressionNote }
  /** `bounced`: mail to the address bounced. If false, its owner does not want mail. */
  | {
      readonly kind: 'suppressed';
      readonly bounced: boolean;
      readonly status: string | null;
      /** The entry allows mail that asks the person to confirm, such as after a new signup. */
      readonly mayConfirm?: boolean;
      readonly entry?: SuppressionNote;
    }
  /** The list was not asked, because the caller may not see it or there is none. */
  | { readonly kind: 'not_asked' }
  /** The list was asked but did not answer. */
  | { readonly kind: 'undetermined' };

/** A text that violates the syntax: nothing else can be known about it. */
export interface UnparsedEvidence {
  readonly email: string;
  readonly failure: SyntaxFailure;
  /** The probable intent: the text without noise, or with its domain corrected. */
  readonly didYouMean: string | null;
}

/** Evidence shared by all addresses at a domain. */
export interface DomainEvidence {
  readonly domain: DomainFacts;
  readonly mailHost: MailHost;
  readonly mailHostFacts: MailHostFacts;
  /** The operator denies this domain. */
  readonly denied: boolean;
}

/** Evidence about one address. */
export interface AddressEvidence {
  readonly role: boolean;
  readonly suppression: SuppressionEvidence;
}

/** What sources found about one address. `role` is missing because it follows from the local part. */
export type AddressFinding = Partial<Omit<AddressEvidence, 'role'>>;

export interface Evidence extends DomainEvidence, AddressEvidence {
  readonly email: string;
  readonly mailbox: Mailbox;
  readonly plusTag: string | null;
  /** Epoch milliseconds at which mail was last known to arrive, or null. */
  readonly lastVerifiedAt: number | null;
  /** Where the address was acquired, or null. */
  readonly source?: string | null;
}

/** Whether the DNS says with authority that the domain accepts no mail. */
export const takesNoMail = ({ kind }: MailHost): boolean =>
  kind === 'nxdomain' || kind === 'null_mx' || kind === 'no_mail_host' || kind === 'unroutable';

/**
 * The correction of a misspelled domain. `typoIfUnused` counts only if the DNS shows that the domain is not used for mail.
 * Null if the domain looks right.
 */
export const typoOf = ({ domain, mailHost, mailHostFacts }: DomainEvidence): TypoSuggestion | null =>
  domain.typo ?? (takesNoMail(mailHost) || mailHostFacts.parked ? (domain.typoIfUnused ?? null) : null);
