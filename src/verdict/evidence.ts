// All that is known of one address when it is judged.

import type { Mailbox, SyntaxFailure } from '../address/mailbox.ts';
import type { DomainFacts } from '../domain/facts.ts';
import type { MailHost } from '../domain/mail-host.ts';

/** What the mail host tells beyond its existence. */
export interface MailHostFacts {
  /** The mailbox provider that the MX belongs to, or null. */
  readonly provider: string | null;
  /** The MX belongs to a disposable-mail service. */
  readonly disposable: boolean;
  /** The MX belongs to a parking service. */
  readonly parked: boolean;
}

export type SuppressionEvidence =
  | { readonly kind: 'clear' }
  /** `bounced`: mail to it came back; otherwise somebody asked that no more be sent. */
  | { readonly kind: 'suppressed'; readonly bounced: boolean; readonly status: string | null }
  /** The list was not asked, because the caller has no right to know or there is none. */
  | { readonly kind: 'not_asked' }
  /** The list was asked and did not answer. */
  | { readonly kind: 'undetermined' };

/** An address that fails the grammar: nothing else can be known of it. */
export interface UnparsedEvidence {
  readonly email: string;
  readonly failure: SyntaxFailure;
  /** What was probably meant: the text without its noise, or with its domain mended. */
  readonly didYouMean: string | null;
}

/** What is the same for all addresses at a domain. */
export interface DomainEvidence {
  readonly domain: DomainFacts;
  readonly mailHost: MailHost;
  readonly mailHostFacts: MailHostFacts;
  /** The operator takes no addresses at this domain. */
  readonly denied: boolean;
}

/** What is one address's own. */
export interface AddressEvidence {
  readonly role: boolean;
  readonly suppression: SuppressionEvidence;
}

export interface Evidence extends DomainEvidence, AddressEvidence {
  readonly email: string;
  readonly mailbox: Mailbox;
  readonly plusTag: string | null;
  /** Epoch milliseconds at which somebody last knew that mail arrives there, or null. */
  readonly lastVerifiedAt: number | null;
  /** Where the address was acquired, or null. */
  readonly source?: string | null;
}
