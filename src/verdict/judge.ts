// Turns the evidence about one address into its verdict.

import type { Mailbox } from '../address/mailbox.ts';
import { foldedLocalPart } from '../address/name-rules.ts';
import { addressToSend } from '../address/nonstandard-names.ts';
import type { MailHost } from '../domain/mail-host.ts';
import { dayMs, hourMs } from '../durations.ts';
import type { Evidence, UnparsedEvidence } from '../signals/evidence.ts';
import { type Judgement, judgementOf, judgementOfUnparsed, predictedBounce, profileOf } from './judgement.ts';
import type { Learned } from './probability.ts';
import type { PredictedBounce, Result, Verdict } from './verdict.ts';

/**
 * How long a verdict is valid, in milliseconds. 90 days is the usual interval at which lists are verified again. The result
 * `undeliverable` expires earlier, because the domain may come back. The result `unknown` expires after an hour, because its
 * cause is usually temporary.
 */
const validityMs: Readonly<Record<Result, number>> = {
  deliverable: 90 * dayMs,
  risky: 90 * dayMs,
  undeliverable: 30 * dayMs,
  unknown: hourMs,
};

/**
 * Returns the verdict that follows from the evidence at the time `now` (epoch milliseconds). The learned model changes only
 * the probability of a bounce, never the result. The same arguments always give the same verdict.
 */
export function judge(evidence: Evidence, now: number, learned: Learned | null = null): Verdict {
  const { email, mailbox, mailHost, plusTag, lastVerifiedAt, source = null } = evidence;
  const judgement = judgementOf(profileOf(evidence), evidence.role, evidence.name ?? null, evidence);
  const bounce = predictedBounce(judgement, mailbox.domain, lastVerifiedAt, source, now, learned);
  return verdictOf({ email, mailbox, plusTag, mailHost, judgement, bounce }, now);
}

/** A judgement on a mailbox, with the other facts that the verdict on it contains. */
export interface JudgedMailbox {
  readonly email: string;
  readonly mailbox: Mailbox;
  readonly plusTag: string | null;
  readonly mailHost: MailHost;
  readonly judgement: Judgement;
  readonly bounce: PredictedBounce;
}

/** Returns the verdict on a judged mailbox. `now` is in epoch milliseconds. */
export function verdictOf(judged: JudgedMailbox, now: number): Verdict {
  const { email, mailbox, plusTag, mailHost, judgement, bounce } = judged;
  const { row, signals, action, role } = judgement;
  const domain = judgement.domain!;
  const verdict: Verdict = {
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
  };
  const sendTo = addressToSend(mailbox);
  return judgement.suppression || judgement.mailbox || domain.gateway !== null || sendTo !== mailbox.address
    ? {
        ...verdict,
        ...(sendTo !== mailbox.address && { sendTo }),
        ...(domain.gateway !== null && { gateway: domain.gateway }),
        ...(judgement.suppression && { suppression: judgement.suppression }),
        ...(judgement.mailbox && { mailbox: judgement.mailbox }),
      }
    : verdict;
}

/**
 * Returns the address that the person probably meant: corrects a misspelled domain, and replaces unlikely characters in the
 * local part. Null if there is nothing to correct.
 */
export const suggestionFor = ({ localPart, domain }: Mailbox, judgement: Judgement): string | null => {
  const isForeign = judgement.name === 'unlikely_characters' || judgement.name === 'non_ascii_refused';
  const folded = isForeign ? foldedLocalPart(localPart) : null;
  const meantDomain = judgement.domain?.suggestion ?? null;
  return folded === null && meantDomain === null ? null : `${folded ?? localPart}@${meantDomain ?? domain}`;
};

/** Returns the verdict on a text that is not an e-mail address. `now` is in epoch milliseconds. */
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
