// Evidence → Verdict.

import type { Mailbox } from '../address/mailbox.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { Evidence, UnparsedEvidence } from '../signals/evidence.ts';
import { type Judgement, judgementOf, judgementOfUnparsed, predictedBounce, profileOf } from './judgement.ts';
import type { Learned } from './probability.ts';
import type { PredictedBounce, Result, Verdict } from './verdict.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * How long a verdict is valid, in milliseconds. Lists are verified again after 90 days. A dead domain may come back
 * sooner. An unknown result should be asked again soon.
 */
export const validityMs: Readonly<Record<Result, number>> = {
  deliverable: 90 * dayMs,
  risky: 90 * dayMs,
  undeliverable: 30 * dayMs,
  unknown: hourMs,
};

/** `now` in epoch milliseconds. Deterministic: `learned` changes only the probability of a bounce. */
export function judge(evidence: Evidence, now: number, learned: Learned | null = null): Verdict {
  const { email, mailbox, mailHost, plusTag, lastVerifiedAt, source = null } = evidence;
  const judgement = judgementOf(profileOf(evidence), evidence.role, evidence);
  const bounce = predictedBounce(judgement, mailbox.domain, lastVerifiedAt, source, now, learned);
  return verdictOf({ email, mailbox, plusTag, mailHost, judgement, bounce }, now);
}

/** A judged mailbox, with the facts that the verdict repeats. */
export interface JudgedMailbox {
  readonly email: string;
  readonly mailbox: Mailbox;
  readonly plusTag: string | null;
  readonly mailHost: MailHost;
  readonly judgement: Judgement;
  readonly bounce: PredictedBounce;
}

/** The complete verdict. */
export function verdictOf(judged: JudgedMailbox, now: number): Verdict {
  const { email, mailbox, plusTag, mailHost, judgement, bounce } = judged;
  const { row, signals, action, role } = judgement;
  const domain = judgement.domain!;
  return {
    email,
    normalized: mailbox.address,
    user: mailbox.localPart,
    domain: mailbox.domain,
    result: row.result,
    reason: row.reason,
    signals,
    message: row.message,
    syntax: null,
    didYouMean: suggestionFor(mailbox, judgement),
    action,
    bounce,
    mailHost,
    provider: domain.provider,
    disposable: domain.disposable,
    relay: domain.relay,
    role,
    free: domain.free,
    plusTag,
    smtputf8: mailbox.smtputf8,
    checkedAt: now,
    expiresAt: now + validityMs[row.result],
    ...(judgement.suppression && { suppression: judgement.suppression }),
  };
}

/** The address with its domain corrected, or null if the domain looks right. */
export const suggestionFor = (mailbox: Mailbox, { domain }: Judgement): string | null =>
  domain === null || domain.suggestion === null ? null : `${mailbox.localPart}@${domain.suggestion}`;

/** The verdict on a text that is not a mailbox. */
export function judgeUnparsed(evidence: UnparsedEvidence, now: number): Verdict {
  const { row, signals, action, bounce } = judgementOfUnparsed(evidence.didYouMean !== null);
  return {
    email: evidence.email,
    normalized: null,
    user: null,
    domain: null,
    result: row.result,
    reason: row.reason,
    signals,
    message: evidence.failure.message,
    syntax: evidence.failure,
    didYouMean: evidence.didYouMean,
    action,
    bounce,
    mailHost: { kind: 'undetermined', cause: 'not_checked' },
    provider: null,
    disposable: false,
    relay: false,
    role: false,
    free: false,
    plusTag: null,
    smtputf8: false,
    checkedAt: now,
    expiresAt: now + validityMs[row.result],
  };
}
