// What is known about whether a mailbox exists. These types are used for every source of such a proof.

/** Why a mail host did not talk to us. The fault is the prober's: its IP address, its names or its pace. */
export const refusedCauses = [
  'blocked_reputation',
  'reverse_dns',
  'sender_refused',
  'authentication_failed',
  'encryption_required',
  'rate_limited',
  'policy_refused',
] as const;
export type RefusedCause = (typeof refusedCauses)[number];

/** Why nothing is known about the mailbox, although a host was asked or should have been. */
export type UnprovenCause =
  /** The host asked presend to try again later (greylisting, or a temporary error). */
  | 'greylisted'
  /** The host could not be reached or is not known, because DNS failed, or the connection broke off. */
  | 'unreachable'
  | 'timeout'
  /** The host sent something that is not SMTP, or a reply that could not be matched to a command. */
  | 'protocol'
  /** The reply does not say that the mailbox exists and does not say that it does not. */
  | 'ambiguous'
  /** The host also refused an address that must exist, so its refusal of this mailbox proves nothing. */
  | 'unconfirmed'
  /** The host does not serve the domain, although its MX record names it. */
  | 'not_served'
  /** The host does not accept non-ASCII local parts. */
  | 'smtputf8'
  /** It is not known which hosts receive the mail of the domain. */
  | 'no_mail_host'
  /** The host is not asked now, because its budget of questions is used up, or because it refused us before. */
  | 'resting';

export type MailboxProof =
  | { readonly kind: 'exists' | 'unknown_user' | 'disabled' | 'full' | 'catch_all' }
  | { readonly kind: 'refused_us'; readonly cause: RefusedCause }
  | { readonly kind: 'undetermined'; readonly cause: UnprovenCause }
  /** `provider`: the provider gives the same answer for every mailbox, so presend does not ask it. */
  | { readonly kind: 'not_checked'; readonly cause: 'off' | 'provider' };

/** Where a proof comes from: `delivered`, `engaged` and `bounced` are the operator's own mail; `smtp` is a mail host that was asked. */
export const proofBases = ['delivered', 'engaged', 'bounced', 'smtp'] as const;
export type ProofBasis = (typeof proofBases)[number];

/** A proof, and where it comes from. */
export interface KnownProof {
  readonly proof: MailboxProof;
  readonly basis: ProofBasis;
  /** When the mail host answered, or when the mail arrived, was opened or came back. Epoch milliseconds; null if no host was asked. */
  readonly checkedAt: number | null;
  /** The keyed hash of the domain. Set only for `catch_all`: the probability of a bounce there is learned by domain. */
  readonly domainHash?: string;
}

/** A proof by its basis and result, for learning and for reports. `none`: nothing is known. */
export type ProvenAs = (typeof provenAsNames)[number];

export const provenAsNames = [
  'none',
  'delivered',
  'engaged',
  'bounced',
  /** Own mail shows that the domain may accept any name. */
  'delivered_catch_all',
  'smtp_exists',
  /** The mailbox is unknown or disabled. */
  'smtp_unknown',
  'smtp_full',
  'smtp_catch_all',
  /** The host was asked, or must not be asked, and nothing is proven. */
  'smtp_unprovable',
] as const;

const smtpNames: Readonly<Partial<Record<MailboxProof['kind'], ProvenAs>>> = {
  exists: 'smtp_exists',
  unknown_user: 'smtp_unknown',
  disabled: 'smtp_unknown',
  full: 'smtp_full',
  catch_all: 'smtp_catch_all',
};

export function provenAs(known: Pick<KnownProof, 'proof' | 'basis'> | null | undefined): ProvenAs {
  if (known === null || known === undefined) return 'none';
  const { proof, basis } = known;
  if (basis === 'smtp') return smtpNames[proof.kind] ?? 'smtp_unprovable';
  return proof.kind === 'catch_all' ? 'delivered_catch_all' : basis;
}
