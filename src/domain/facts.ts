// What a domain's name alone tells, before anybody asks the DNS.

export interface TypoSuggestion {
  /** The domain that was probably meant, in lower-case A-labels. */
  readonly domain: string;
  /**
   * `likely`: together with a domain that takes no mail this is a certain misspelling, else worth asking.
   * `possible`: close, but not likely enough to act on; only `did_you_mean` carries it.
   */
  readonly confidence: 'likely' | 'possible';
}

/** `verified`: a page that was read says that the provider closed. `unverified`: nobody checked it. */
export type Retirement = 'verified' | 'unverified';

export interface DomainFacts {
  /** The mailbox provider closed for good, so that no address there works. */
  readonly retired?: Retirement | null;
  /** The registrable domain (public suffix plus one label); null where there is none, as for a public suffix itself. */
  readonly registrable: string | null;
  /** Why the name can never take public mail (RFC 6761 and its kin), or null. */
  readonly specialUse: string | null;
  readonly typo: TypoSuggestion | null;
  /** The suggestion for a name that the data protects as real, if the DNS says that nobody uses it; or null. */
  readonly typoIfUnused?: TypoSuggestion | null;
  readonly disposable: boolean;
  /** A privacy relay such as duck.com: a real person behind an alias; never disposable. */
  readonly relay: boolean;
  /** Anyone can open a mailbox there without paying. */
  readonly free: boolean;
  /** The mailbox provider, where the name tells it: gmail, outlook, yahoo … */
  readonly provider: string | null;
  /** The well-known domain that this name imitates (UTS 39), or null. */
  readonly confusable: string | null;
}
