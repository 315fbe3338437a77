// The facts of a domain's name, before any DNS lookup.

export interface TypoSuggestion {
  /** The intended domain, in lower-case A-labels. */
  readonly domain: string;
  /**
   * `likely`: the domain is misspelled if it accepts no mail; otherwise ask the person to confirm.
   * `possible`: too uncertain to act on; reported only in `did_you_mean`.
   */
  readonly confidence: 'likely' | 'possible';
}

/** How certain it is that a provider closed. `verified`: a document says so. `unverified`: none is known. */
export type Retirement = 'verified' | 'unverified';

export interface DomainFacts {
  /** Set if the mailbox provider closed, so no address at the domain works. */
  readonly retired?: Retirement | null;
  /** The registrable domain (public suffix plus one label); null if there is none, as for a public suffix itself. */
  readonly registrable: string | null;
  /** Why the name can never take public mail (RFC 6761 and its kin), or null. */
  readonly specialUse: string | null;
  readonly typo: TypoSuggestion | null;
  /**
   * The suggestion for a name on a list of real domains. It applies only if the DNS shows that the domain takes no mail or is
   * parked.
   */
  readonly typoIfUnused?: TypoSuggestion | null;
  readonly disposable: boolean;
  /** A privacy relay such as duck.com: an alias of a real person; never disposable. */
  readonly relay: boolean;
  /** Anyone can open a mailbox there without paying. */
  readonly free: boolean;
  /** The mailbox provider, if the name identifies it: gmail, outlook, yahoo … */
  readonly provider: string | null;
  /** The well-known domain that this name imitates (UTS 39), or null. */
  readonly confusable: string | null;
}
