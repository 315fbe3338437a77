// The policy table: ordered data. The first row that fires decides; all that fire are reported.

import type { MailHost } from '../domain/mail-host.ts';
import type { AddressEvidence, DomainEvidence } from './evidence.ts';
import type { Action, Reason, Result } from './verdict.ts';

/** The chance of a bounce before anything was observed, with its 90 % interval. */
export interface Prior {
  readonly probability: number;
  readonly low: number;
  readonly high: number;
}

export type PolicyRow = PolicyOutcome &
  (
    | { readonly about: 'domain'; readonly fires: (evidence: DomainEvidence) => boolean }
    | { readonly about: 'address'; readonly fires: (evidence: AddressEvidence) => boolean }
  );

export interface PolicyOutcome {
  readonly reason: Reason;
  readonly result: Result;
  readonly action: Action;
  /** The bounce that is predicted: its class and enhanced status (RFC 3463), or null where none is. */
  readonly bounce: { readonly class: 'hard' | 'soft'; readonly status: string } | null;
  readonly prior: Prior;
  /** One English sentence for a person. */
  readonly message: string;
}

const isUnroutable = (host: MailHost): boolean => host.kind === 'unroutable';

/** The DNS says with authority that the domain takes no mail. */
export const takesNoMail = (host: MailHost): boolean =>
  host.kind === 'nxdomain' || host.kind === 'null_mx' || host.kind === 'no_mail_host' || isUnroutable(host);

const likelyTypo = (evidence: DomainEvidence): boolean => evidence.domain.typo?.confidence === 'likely';

/** What the grammar refuses. It stands apart, since there is no evidence beside the refusal itself. */
export const syntaxErrorRow: PolicyOutcome = {
  reason: 'syntax_error',
  result: 'undeliverable',
  action: 'reject',
  bounce: { class: 'hard', status: '5.1.3' },
  // No conforming server takes such a path (RFC 5321 4.1.2); the rest is left to lenient ones.
  prior: { probability: 0.99, low: 0.97, high: 1 },
  message: 'This is not an e-mail address.',
};

export const policy: readonly PolicyRow[] = [
  {
    reason: 'suppressed',
    about: 'address',
    fires: ({ suppression }) => suppression.kind === 'suppressed' && suppression.bounced,
    result: 'undeliverable',
    action: 'reject',
    // The stored status takes the place of this one, where there is one.
    bounce: { class: 'hard', status: '5.1.1' },
    // Mailboxes that bounced hard seldom come back: providers that recycle names do so after a year or more.
    prior: { probability: 0.97, low: 0.9, high: 0.99 },
    message: 'Mail to this address bounced; it is on the suppression list.',
  },
  {
    reason: 'suppressed',
    about: 'address',
    fires: ({ suppression }) => suppression.kind === 'suppressed' && !suppression.bounced,
    result: 'undeliverable',
    action: 'reject',
    bounce: null,
    // The mailbox is most likely alive; it is its owner who wants no mail.
    prior: { probability: 0.01, low: 0.002, high: 0.03 },
    message: 'This address is on the suppression list: no mail is wanted there.',
  },
  {
    reason: 'special_use_domain',
    about: 'domain',
    fires: ({ domain }) => domain.specialUse !== null,
    result: 'undeliverable',
    action: 'reject',
    bounce: { class: 'hard', status: '5.1.2' },
    // RFC 6761 and its kin keep these names out of the public DNS: certain but for private arrangements.
    prior: { probability: 0.995, low: 0.98, high: 1 },
    message: 'This domain is reserved and takes no mail from the internet.',
  },
  {
    reason: 'domain_typo',
    about: 'domain',
    fires: (evidence) => likelyTypo(evidence) && takesNoMail(evidence.mailHost),
    result: 'undeliverable',
    action: 'confirm',
    bounce: { class: 'hard', status: '5.1.2' },
    // As sure as the DNS is; the rest is a domain that is being set up.
    prior: { probability: 0.98, low: 0.95, high: 0.99 },
    message: 'The domain looks misspelt and takes no mail.',
  },
  {
    reason: 'domain_typo',
    about: 'domain',
    fires: (evidence) => likelyTypo(evidence) && !takesNoMail(evidence.mailHost),
    result: 'risky',
    action: 'confirm',
    bounce: null,
    // A squatter takes everything or refuses everything, and a few are small real domains: about even, and wide.
    prior: { probability: 0.5, low: 0.2, high: 0.8 },
    message: 'The domain looks misspelt.',
  },
  {
    reason: 'domain_nonexistent',
    about: 'domain',
    fires: ({ mailHost }) => mailHost.kind === 'nxdomain',
    result: 'undeliverable',
    action: 'reject',
    bounce: { class: 'hard', status: '5.1.2' },
    // NXDOMAIN is authoritative (RFC 8020); a lapsed domain that its owner renews is the rest.
    prior: { probability: 0.98, low: 0.95, high: 0.99 },
    message: 'The domain does not exist.',
  },
  {
    reason: 'null_mx',
    about: 'domain',
    fires: ({ mailHost }) => mailHost.kind === 'null_mx',
    result: 'undeliverable',
    action: 'reject',
    bounce: { class: 'hard', status: '5.1.10' },
    // The owner's own word (RFC 7505).
    prior: { probability: 0.995, low: 0.98, high: 1 },
    message: 'The domain declares that it takes no mail.',
  },
  {
    reason: 'no_mail_host',
    about: 'domain',
    fires: ({ mailHost }) => mailHost.kind === 'no_mail_host',
    result: 'undeliverable',
    action: 'reject',
    bounce: { class: 'hard', status: '5.1.2' },
    // RFC 5321 5.1 leaves a sender nowhere to go; the rest is a zone under repair.
    prior: { probability: 0.97, low: 0.93, high: 0.99 },
    message: 'The domain has no mail server.',
  },
  {
    reason: 'unroutable_mail_host',
    about: 'domain',
    fires: ({ mailHost }) => isUnroutable(mailHost),
    result: 'undeliverable',
    action: 'reject',
    bounce: { class: 'hard', status: '5.4.4' },
    // Surer than a guess, less sure than null MX: such zones are mistakes, and mistakes get mended.
    prior: { probability: 0.95, low: 0.88, high: 0.98 },
    message: "The domain's mail servers cannot be reached from the internet.",
  },
  {
    reason: 'denied_domain',
    about: 'domain',
    fires: ({ denied }) => denied,
    result: 'risky',
    action: 'reject',
    bounce: null,
    // The operator's wish says nothing of the mailbox.
    prior: { probability: 0.01, low: 0.002, high: 0.03 },
    message: 'Addresses at this domain are not taken here.',
  },
  {
    reason: 'dns_undetermined',
    about: 'domain',
    fires: ({ mailHost }) => mailHost.kind === 'undetermined' && mailHost.cause !== 'not_checked',
    result: 'unknown',
    action: 'retry',
    bounce: { class: 'soft', status: '4.4.3' },
    // Most domains are fine when the DNS is not: little above the rate of an address without an obstacle.
    prior: { probability: 0.05, low: 0.01, high: 0.2 },
    message: 'The domain could not be checked just now.',
  },
  {
    reason: 'suppression_undetermined',
    about: 'address',
    fires: ({ suppression }) => suppression.kind === 'undetermined',
    result: 'unknown',
    action: 'retry',
    bounce: null,
    // The share of a list that is suppressed is a few per cent where bounces are heard of.
    prior: { probability: 0.04, low: 0.01, high: 0.1 },
    message: 'The suppression list could not be asked just now.',
  },
  {
    reason: 'disposable_domain',
    about: 'domain',
    fires: ({ domain }) => domain.disposable,
    result: 'risky',
    action: 'confirm',
    bounce: null,
    // Taken now, gone within hours or days; services also drop whole domains.
    prior: { probability: 0.3, low: 0.1, high: 0.6 },
    message: 'The domain belongs to a disposable-mail service.',
  },
  {
    reason: 'disposable_mail_host',
    about: 'domain',
    fires: ({ mailHostFacts }) => mailHostFacts.disposable,
    result: 'risky',
    action: 'confirm',
    bounce: null,
    // As above.
    prior: { probability: 0.3, low: 0.1, high: 0.6 },
    message: 'The mail server belongs to a disposable-mail service.',
  },
  {
    reason: 'parked_domain',
    about: 'domain',
    fires: ({ mailHostFacts }) => mailHostFacts.parked,
    result: 'risky',
    action: 'confirm',
    bounce: { class: 'hard', status: '5.1.1' },
    // Parking services answer for a domain nobody uses; most refuse every mailbox, some take all.
    prior: { probability: 0.7, low: 0.4, high: 0.9 },
    message: 'The domain is parked: nobody is likely to read mail there.',
  },
  {
    reason: 'confusable_domain',
    about: 'domain',
    fires: ({ domain }) => domain.confusable !== null,
    result: 'risky',
    action: 'confirm',
    bounce: null,
    // A homograph is registered to deceive or typed on the wrong keyboard layout; it may well take mail.
    prior: { probability: 0.3, low: 0.1, high: 0.6 },
    message: 'The domain imitates a well-known one with look-alike characters.',
  },
  {
    reason: 'role_account',
    about: 'address',
    fires: ({ role }) => role,
    result: 'risky',
    action: 'accept',
    bounce: null,
    // Behind a role stand several people or nobody; such addresses bounce and complain about twice as often.
    prior: { probability: 0.04, low: 0.01, high: 0.1 },
    message: 'The address belongs to a role, not to a person.',
  },
  {
    reason: 'implicit_mx',
    about: 'domain',
    fires: ({ mailHost }) => mailHost.kind === 'implicit_mx',
    result: 'risky',
    action: 'accept',
    bounce: { class: 'soft', status: '4.4.1' },
    // RFC 5321 5.1 allows it, but the host is most often a web server that takes no mail.
    prior: { probability: 0.6, low: 0.35, high: 0.8 },
    message: 'The domain names no mail server; mail would go to its web address.',
  },
  {
    reason: 'relay_alias',
    about: 'domain',
    fires: ({ domain }) => domain.relay,
    result: 'deliverable',
    action: 'accept',
    bounce: null,
    // A person made it and can switch it off.
    prior: { probability: 0.03, low: 0.01, high: 0.08 },
    message: 'The address is a privacy alias of a real person.',
  },
  {
    reason: 'no_known_obstacle',
    about: 'domain',
    fires: () => true,
    result: 'deliverable',
    action: 'accept',
    bounce: null,
    // Between the hard-bounce rate that large senders publish for kept lists (about 0.2-0.7 %) and the 2 % at
    // which providers act: what is left once the domain is known to take mail is the mailbox itself. The ends of the
    // interval are a factor of four away on either side.
    prior: { probability: 0.008, low: 0.002, high: 0.03 },
    message: 'No known obstacle.',
  },
];
