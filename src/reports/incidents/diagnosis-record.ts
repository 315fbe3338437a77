// What is stored with an incident about its cause: the diagnosis, and for a change of the sender's DNS the values before and
// after.

export const diagnosedCauses = [
  /** SPF, DKIM or DMARC of the sender fails. */
  'authentication',
  /** The sending addresses have no PTR record, or one whose name does not resolve back to them. */
  'reverse_dns',
  /** A blocklist names the sender. */
  'listed',
  /** Providers refuse the sender, and neither its DNS nor a blocklist explains it. */
  'reputation',
  /** What the messages contain. */
  'content',
  /** The volume of a new kind of mail, or of all mail, grew too fast. */
  'warm_up',
  /** Mail is sent faster than a provider accepts it. */
  'rate_limit',
  /** Much mail is sent in the same few hours. */
  'sending_bursts',
  /** A source, list or campaign that was in use before now has addresses that do not exist. */
  'bad_source',
  /** Addresses that were never mailed before do not exist. */
  'list_import',
  /** Addresses of all sources do not exist any more. */
  'list_decay',
  'complaints',
  'mailboxes_full',
  /** One provider refuses mailboxes that exist. */
  'provider_fault',
  /** The domains of one provider have no mail host any more. */
  'dead_provider',
  /** One provider fails for some time. */
  'soft_outage',
] as const;
export type DiagnosedCause = (typeof diagnosedCauses)[number];

/** Who has to act. `unknown`: the evidence does not say. */
export type DiagnosedBlame = 'sender' | 'list' | 'provider' | 'unknown';

export const causeBlame: Readonly<Record<DiagnosedCause, DiagnosedBlame>> = {
  authentication: 'sender',
  reverse_dns: 'sender',
  listed: 'sender',
  reputation: 'sender',
  content: 'sender',
  warm_up: 'sender',
  rate_limit: 'sender',
  sending_bursts: 'sender',
  bad_source: 'list',
  list_import: 'list',
  list_decay: 'list',
  complaints: 'list',
  mailboxes_full: 'unknown',
  provider_fault: 'provider',
  dead_provider: 'provider',
  soft_outage: 'provider',
};

export interface IncidentDiagnosis {
  readonly cause: DiagnosedCause;
  readonly blame: DiagnosedBlame;
  /** `likely`: the evidence shows the cause. `possible`: the cause fits, but it existed before, or nothing proves it. */
  readonly certainty: 'likely' | 'possible';
  /** The domain of the sender and the code of the finding in its DNS that explain the bounces; null if none does. */
  readonly domain: string | null;
  readonly finding: string | null;
  /** One sentence, or a few: which bounces, where, since when, and why. */
  readonly sentence: string;
  /** When the failures began, and when this was written, in epoch milliseconds. */
  readonly since: number;
  readonly at: number;
}

/** A value in the sender's DNS before and after a change. */
export interface ChangedValue {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** A finding of a preflight that appeared or is gone. */
export interface ChangedFinding {
  readonly code: string;
  readonly about: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly seen: string;
}

/** What changed in the sender's DNS between two checks, in epoch milliseconds. */
export interface DnsChangeRecord {
  readonly since: number;
  readonly at: number;
  readonly values: readonly ChangedValue[];
  readonly appeared: readonly ChangedFinding[];
  readonly gone: readonly ChangedFinding[];
}
