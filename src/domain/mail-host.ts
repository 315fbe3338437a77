// What DNS says about the hosts that receive mail for a domain (RFC 5321 section 5.1, RFC 7505).

/** An MX record. */
export interface Exchange {
  readonly preference: number;
  /** Lower-case A-labels, no trailing dot. */
  readonly host: string;
}

/**
 * Why the mail hosts are not known. `unconfirmed`: one resolver reported that the domain accepts no mail, and no second one
 * confirmed it. `not_checked`: no DNS query was sent. The other causes are failures of the DNS query.
 */
export type UndeterminedCause =
  | 'timeout'
  | 'servfail'
  | 'refused'
  | 'network'
  | 'unconfirmed'
  | 'not_checked';

export type MailHost =
  /** The domain has MX records (lowest preference first), and at least one host has or may have a public address. */
  | { readonly kind: 'mx'; readonly exchanges: readonly Exchange[] }
  /** The domain has no MX record, but a public address in an A or AAAA record. Mail goes to the domain itself. */
  | { readonly kind: 'implicit_mx'; readonly via: 'A' | 'AAAA' }
  /** The domain declares by a null MX record that it accepts no mail (RFC 7505). */
  | { readonly kind: 'null_mx' }
  /** The name exists, but has no MX, A or AAAA record. */
  | { readonly kind: 'no_mail_host' }
  /** The name does not exist. */
  | { readonly kind: 'nxdomain' }
  /**
   * No mail host can be reached: each has no address, has only addresses that are not public, or is given as an IP address,
   * which is not allowed. Without MX records, the only mail host is the domain itself.
   */
  | { readonly kind: 'unroutable'; readonly exchanges: readonly Exchange[] }
  /** It is not known whether the domain has mail hosts. */
  | { readonly kind: 'undetermined'; readonly cause: UndeterminedCause };
