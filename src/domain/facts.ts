// The facts that follow from the name of a domain, without DNS.

export interface TypoSuggestion {
  /** The intended domain, in lower-case A-labels. */
  readonly domain: string;
  /**
   * `likely`: if the domain accepts no mail, treat it as a misspelling. If it accepts mail, ask the person to confirm it.
   * `possible`: too uncertain for a decision. It is only reported, as `did_you_mean`.
   */
  readonly confidence: 'likely' | 'possible';
}

/**
 * How certain it is that all mailboxes of a provider are gone. `verified`: a public page says so. `unverified`: no such page is
 * known, or a company may still use the domain for its own mail.
 */
export type Retirement = 'verified' | 'unverified';

export interface DomainFacts {
  /** Whether the mailbox provider of the domain closed, and how certain that is. Null or absent if no closure is known. */
  readonly retired?: Retirement | null;
  /** The registrable domain, such as `example.co.uk`; null if there is none, as for `co.uk`. */
  readonly registrable: string | null;
  /** Why the name can never receive mail from the Internet, such as `single_label` (see `SpecialUse`), or null. */
  readonly specialUse: string | null;
  /** The domain that was probably intended, if this name looks like a misspelling of it. Null for other names. */
  readonly typo: TypoSuggestion | null;
  /**
   * A suggestion for a name that is known to be a real domain, such as ahoo.com, but resembles that of a provider. Use it only
   * if DNS shows that the domain accepts no mail or is parked.
   */
  readonly typoIfUnused?: TypoSuggestion | null;
  /** Whether the domain belongs to a disposable mail service. */
  readonly disposable: boolean;
  /** Whether this is a privacy relay such as duck.com, whose addresses forward to real people. Never set with `disposable`. */
  readonly relay: boolean;
  /** Whether the domain belongs to a provider at which anyone can open a mailbox without paying. */
  readonly free: boolean;
  /** The mailbox provider or relay operator, if the name identifies it: gmail, outlook, apple … */
  readonly provider: string | null;
  /** The well-known domain that this name imitates (UTS 39), or null. */
  readonly confusable: string | null;
}
