// The evidence: everything that is known about an address when its verdict is decided.

import type { Mailbox, SyntaxFailure } from '../address/mailbox.ts';
import type { KnownProof, MailboxProof } from '../address/mailbox-proof.ts';
import type { NameFinding } from '../address/name-rules.ts';
import type { DomainFacts, TypoSuggestion } from '../domain/facts.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { MailHostFacts } from '../domain/mail-host-facts.ts';

/**
 * An entry of the suppression list. If an address has several entries, this is the one that decides whether the caller's mail
 * may be sent. The caller's mail is the kind of mail for which the address is checked, such as a newsletter.
 */
export interface SuppressionNote {
  /** The mail that the entry is about: `all`, `marketing`, or one mailing list as `list:NAME`. */
  readonly scope: string;
  readonly reason: 'bounce' | 'complaint' | 'unsubscribe' | 'manual';
  /**
   * What the entry means for the caller's mail. `block`: do not send it. `confirm`: send only a message that asks the person
   * to confirm. `inform`: the entry is about other mail, so the caller's mail may be sent.
   */
  readonly effect: 'block' | 'confirm' | 'inform';
  /** The enhanced status code (RFC 3463) of the bounce, such as 5.1.1. Null if it is unknown or there was no bounce. */
  readonly status: string | null;
  /** The date of the entry, in epoch milliseconds. */
  readonly since: number;
}

export type SuppressionEvidence =
  /** The address has no entry, or only an entry that does not stop the caller's mail. */
  | { readonly kind: 'clear'; readonly entry?: SuppressionNote }
  /**
   * An entry stops the caller's mail. `bounced` is true if its reason is a bounce, and false for a complaint, an unsubscribe
   * or a manual entry. `status` is the enhanced status code of the bounce, as in `SuppressionNote`.
   */
  | {
      readonly kind: 'suppressed';
      readonly bounced: boolean;
      readonly status: string | null;
      /** True if a message that asks the person to confirm may still be sent, for example after a new signup. */
      readonly mayConfirm?: boolean;
      readonly entry?: SuppressionNote;
    }
  /** The suppression list was not asked, because there is none or the caller may not see it. */
  | { readonly kind: 'not_asked' }
  /** The suppression list was asked but did not answer. */
  | { readonly kind: 'undetermined' };

/** The evidence about a text that is not an address. Nothing else can be known about such a text. */
export interface UnparsedEvidence {
  readonly email: string;
  readonly failure: SyntaxFailure;
  /**
   * The address that was probably meant: the text without extra characters, or with the domain corrected. Null if there
   * is no suggestion.
   */
  readonly didYouMean: string | null;
}

/** The evidence about a domain. It is the same for all addresses at the domain. */
export interface DomainEvidence {
  readonly domain: DomainFacts;
  readonly mailHost: MailHost;
  readonly mailHostFacts: MailHostFacts;
  /** True if the domain is on the operator's deny list. */
  readonly denied: boolean;
}

/** The evidence about one address, apart from its domain. */
export interface AddressEvidence {
  /** Whether the local part names a role, such as `info`. */
  readonly role: boolean;
  /**
   * What is unusual about the local part, such as `impossible`: no mailbox at this provider can have it. Null or absent if
   * nothing is.
   */
  readonly name?: NameFinding | null;
  readonly suppression: SuppressionEvidence;
  /**
   * What the operator's own mail or an answer of the mail host says about whether the mailbox exists. Null or absent: nothing is
   * known.
   */
  readonly proof?: MailboxProof | null;
  /** Where the proof comes from. */
  readonly proofOrigin?: Pick<KnownProof, 'basis' | 'checkedAt'> | null;
}

/**
 * What the sources of evidence, such as the suppression list, found about one address. `role` and `name` are left out,
 * because they follow from the local part.
 */
export type AddressFinding = Partial<Omit<AddressEvidence, 'role' | 'name'>>;

export interface Evidence extends DomainEvidence, AddressEvidence {
  readonly email: string;
  readonly mailbox: Mailbox;
  readonly plusTag: string | null;
  /** When mail to the address last arrived, in epoch milliseconds. Null if that is unknown. */
  readonly lastVerifiedAt: number | null;
  /** Where the address was acquired, such as the name of a form. Null or absent if that is unknown. */
  readonly source?: string | null;
}

/** Returns whether the DNS shows that the domain accepts no mail. False if the DNS did not answer. */
export const takesNoMail = ({ kind }: MailHost): boolean =>
  kind === 'nxdomain' || kind === 'null_mx' || kind === 'no_mail_host' || kind === 'unroutable';

/**
 * Returns the correction of a misspelled domain; null if the domain looks right. The suggestion in `typoIfUnused` is
 * for a name that also occurs among real domains. It is used only if the DNS shows that the domain accepts no mail or
 * is parked.
 */
export const typoOf = ({ domain, mailHost, mailHostFacts }: DomainEvidence): TypoSuggestion | null =>
  domain.typo ?? (takesNoMail(mailHost) || mailHostFacts.parked ? (domain.typoIfUnused ?? null) : null);
