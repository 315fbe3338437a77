// The facts of a domain's name, before any DNS lookup.

export interface TypoSuggestion {
  /** The intended domain, in lower-case A-labels. */
  readonly domain: string;
  /**
   * `likely`: certainly misspelled if the domain accepts no mail, otherwise worth confirming.
   * `possible`: close, but not likely enough to act on; reported in `did_you_mean` only.
   */
  readonly confidence: 'likely' | 'possible';
}

/** `verified`: the provider's closing is documented. `unverified`: it is not. */
export type Retirement = 'verified' | 'unverified';

export interface DomainFacts {
  /** The mailbox provider closed, so no address there works. */
  readonly retired?: Retirement | null;
  /** The registrable domain (public suffix plus one label); null if there is none, as for a public suffix itself. */
  readonly registrable: string | null;
  /** Why the name can never take public mail (RFC 6761 and its kin), or null. */
  readonly specialUse: string | null;
  readonly typo: TypoSuggestion | null;
  /**
   * The suggestion for a name that the data protects as real, for use if the DNS shows that nobody uses it; or null.
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
