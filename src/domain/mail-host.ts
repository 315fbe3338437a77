// What DNS says about where a domain takes its mail (RFC 5321 section 5.1, RFC 7505).

export interface Exchange {
  readonly preference: number;
  /** Lower-case A-labels, no trailing dot. */
  readonly host: string;
}

/** `unconfirmed`: one resolver reported a problem and no second one confirmed it. */
export type UndeterminedCause =
  | 'timeout'
  | 'servfail'
  | 'refused'
  | 'network'
  | 'unconfirmed'
  | 'not_checked';

export type MailHost =
  /** MX records, lowest preference first. At least one host has a public address or could not be checked. */
  | { readonly kind: 'mx'; readonly exchanges: readonly Exchange[] }
  /** No MX, but an address record: mail goes to the domain itself. */
  | { readonly kind: 'implicit_mx'; readonly via: 'A' | 'AAAA' }
  /** RFC 7505: the domain says that it accepts no mail. */
  | { readonly kind: 'null_mx' }
  /** The name exists and has no MX, A or AAAA. */
  | { readonly kind: 'no_mail_host' }
  | { readonly kind: 'nxdomain' }
  /** Every MX host has no address, has only private or loopback addresses, or is an IP address itself. */
  | { readonly kind: 'unroutable'; readonly exchanges: readonly Exchange[] }
  /** No authoritative answer in time. Says nothing about the domain. */
  | { readonly kind: 'undetermined'; readonly cause: UndeterminedCause };
