// The evidence: everything that is known about an address when its verdict is decided.

import type { Mailbox, SyntaxFailure } from '../address/mailbox.ts';
import type { NameFinding } from '../address/name-rules.ts';
import type { DomainFacts, TypoSuggestion } from '../domain/facts.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { MailHostFacts } from '../domain/mail-host-facts.ts';

/**
 * The entry of the suppression list that decides whether this mail may be sent. An address can have several entries.
 */
export interface SuppressionNote {
  /** The mail that the entry is about: `all`, `marketing`, or one list as `list:NAME`. */
  readonly scope: string;
  readonly reason: 'bounce' | 'complaint' | 'unsubscribe' | 'manual';
  /**
   * What the entry does to this mail. `block`: it must not be sent. `confirm`: only mail that asks for a confirmation
   * may be sent. `inform`: nothing, because the entry is about other mail.
   */
  readonly effect: 'block' | 'confirm' | 'inform';
  /** The enhanced status code (RFC 3463) of the bounce, such as 5.1.1. Null if it is unknown or there was no bounce. */
  readonly status: string | null;
  /** The date of the entry, in epoch milliseconds. */
  readonly since: number;
}

export type SuppressionEvidence =
  /** The address has no entry, or only one that does not stop this mail. */
  | { readonly kind: 'clear'; readonly entry?: SuppressionNote }
  /**
   * An entry stops this mail. `bounced` is true if its reason is a bounce, and false for a complaint, an unsubscribe or
   * a manual entry.
   */
  | {
      readonly kind: 'suppressed';
      readonly bounced: boolean;
      readonly status: string | null;
      /** True if mail may be sent that asks the person to confirm, such as after a new signup. */
      readonly mayConfirm?: boolean;
      readonly entry?: SuppressionNote;
    }
  /** The suppression list was not asked: there is none, or the caller may not see it. */
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
  readonly role: boolean;
  /**
   * What the local part says about the mailbox, such as `impossible` at this provider. Null or absent if it says
   * nothing.
   */
  readonly name?: NameFinding | null;
  readonly suppression: SuppressionEvidence;
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

/** Returns whether the DNS says for certain that the domain accepts no mail. */
export const takesNoMail = ({ kind }: MailHost): boolean =>
  kind === 'nxdomain' || kind === 'null_mx' || kind === 'no_mail_host' || kind === 'unroutable';

/**
 * Returns the correction of a misspelled domain; null if the domain looks right. The suggestion in `typoIfUnused` is
 * for a name that also occurs among real domains. It is used only if the DNS shows that the domain accepts no mail or
 * is parked.
 */
export const typoOf = ({ domain, mailHost, mailHostFacts }: DomainEvidence): TypoSuggestion | null =>
  domain.typo ?? (takesNoMail(mailHost) || mailHostFacts.parked ? (domain.typoIfUnused ?? null) : null);
