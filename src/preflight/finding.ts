// The types of a preflight: what is asked, which faults were seen, and what the answer says about each.

import type { DnsFailure } from '../dns/resolver.ts';

export interface PreflightRequest {
  /** The domain of the From address, in lower-case A-labels. All other domains have the same form. */
  readonly domain: string;
  /**
   * DKIM selectors. Each is a label such as `s1`, or the whole name of the key, such as `s1._domainkey.example.net`, if mail is
   * signed by another domain. Empty: the selectors that well-known senders use.
   */
  readonly selectors: readonly string[];
  /** The IP addresses that send the mail. */
  readonly ips: readonly string[];
  /** The domain of the envelope sender (MAIL FROM); null if it is `domain`. */
  readonly bounceDomain: string | null;
  /** The name in the HELO or EHLO command; null if it is unknown. */
  readonly helo: string | null;
  /** Host names in links and images that count opens and clicks. */
  readonly tracking: readonly string[];
}

/**
 * `error`: mail bounces, or will bounce at large receivers. `warning`: some receivers reject it or put it into the spam folder.
 * `info`: nothing bounces because of it today.
 */
export type FindingSeverity = 'error' | 'warning' | 'info';

/** A DNS record, with the values as a DNS provider's form expects them. */
export interface PublishedRecord {
  readonly name: string;
  readonly type: 'TXT' | 'MX' | 'A' | 'AAAA' | 'PTR';
  readonly value: string;
}

/** A fault that a check has seen. The catalogue says what it means and what to publish instead. */
export interface SenderFault<Code extends string = string> {
  readonly code: Code;
  /** The name of the record, domain, IP address or host that has the fault. */
  readonly about: string;
  /** What was seen: one or more sentences. */
  readonly seen: string;
  /** The record as published; absent if there is none. */
  readonly record?: string;
  /** The parts of the record, or the addresses, that are at fault. */
  readonly parts?: readonly string[];
}

/** One row of the catalogue. */
export interface FaultKind {
  readonly severity: FindingSeverity;
  /** What the fault means for mail, in plain words. */
  readonly meaning: string;
  /** Enhanced status codes (RFC 3463) of the bounces that the fault causes. */
  readonly causes: readonly string[];
  /** Returns the record to publish instead; null if it cannot be known. Absent: no record would correct the fault. */
  readonly publish?: (fault: SenderFault, request: PreflightRequest) => PublishedRecord | null;
}

export interface PreflightFinding {
  readonly code: string;
  /** The name of the record, domain, IP address or host that has the fault. */
  readonly about: string;
  readonly severity: FindingSeverity;
  readonly seen: string;
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly publish: PublishedRecord | null;
}

/** A DNS question that no resolver answered, or a policy that could not be fetched. It proves no fault. */
export interface UnansweredQuestion {
  /** Such as `TXT _dmarc.example.com`, or `GET https://mta-sts.example.com/.well-known/mta-sts.txt`. */
  readonly question: string;
  /**
   * `unconfirmed`: a resolver has no record, and no second one answered. `question_limit`: not asked, because the preflight had
   * reached its maximum number of questions. Any other value is the failure of the DNS query.
   */
  readonly cause: DnsFailure['cause'] | 'unconfirmed' | 'question_limit';
}

/** Whether no DNS question was answered. */
export const isDnsUnreachable = ({
  queries,
  not_answered,
}: {
  readonly queries: number;
  readonly not_answered: readonly UnansweredQuestion[];
}): boolean =>
  not_answered.filter(
    ({ question, cause }) =>
      cause !== 'question_limit' && cause !== 'unconfirmed' && !question.startsWith('GET '),
  ).length >= queries;

/** A check that was not made, and why: a sentence. */
export interface SkippedCheck {
  readonly check: string;
  readonly why: string;
}

/** What a check contributes to the answer. */
export interface CheckResult<Facts> {
  readonly faults: readonly SenderFault[];
  readonly facts: Facts;
}

export const txtRecord = (name: string, value: string): PublishedRecord => ({ name, type: 'TXT', value });

/** Joins names for a sentence: `a`, `a and b`, `a, b and c`. */
export const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
