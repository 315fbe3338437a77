// How long the answers of mail hosts are valid, when a host is asked again, and what a stored answer proves.

import type { Mailbox } from '../address/mailbox.ts';
import type { MailboxProof, RefusedCause, UnprovenCause } from '../address/mailbox-proof.ts';
import { bounceReasons } from '../bounce/reasons.ts';
import { dayMs, hourMs, minuteMs } from '../durations.ts';
import type { MailboxPolicy } from './mailbox-policy.ts';
import type { StoredProof } from './probe-repository.ts';
import type { RecipientFinding } from './read-answer.ts';
import type { RefusedRecipient } from './refusals.ts';
import type { DomainFinding } from './visit.ts';

export const acceptedMs = 30 * dayMs;
export const unknownMs = 7 * dayMs;
/**
 * How long a refusal waits for its confirmation. Shorter than an hour, because a host that refuses everybody for an hour may accept
 * the control address after it.
 */
const unconfirmedMs = 20 * minuteMs;
export const domainMs = 30 * dayMs;
/** Milliseconds until an address is asked about again if the answer proved nothing. */
export const unprovenMs = dayMs;

/** Milliseconds to wait if a host asks presend to try again later: the first, the second and the third time. */
export const retryAfterMs = [5 * minuteMs, 15 * minuteMs, 60 * minuteMs] as const;

/**
 * The causes that the reply of a mail host has given. Others are failures of DNS, the network or the prober, which say nothing about a
 * mailbox, so they are not kept.
 */
export const causesOfReplies: ReadonlySet<UnprovenCause> = new Set<UnprovenCause>([
  ...(['greylisted', 'protocol', 'ambiguous', 'unconfirmed', 'not_served', 'smtputf8'] as const),
]);

/** A host that refuses us rests 15 minutes, then twice as long each time. */
export const restMs = (refusals: number): number => Math.min(15 * minuteMs * 2 ** refusals, 24 * hourMs);

/** What the operator should do about refusals with this cause. */
export const refusalAdvice = (cause: RefusedCause): string => bounceReasons[cause].advice;

/**
 * What is stored after a host was asked about an address. `attempts`: how often the host has asked for a later attempt before.
 * Null if the answer is about the sender (presend) and not about the mailbox.
 */
export function storedProof(
  addressHash: string,
  finding: RecipientFinding,
  attempts: number,
  probe: MailboxPolicy['probe'],
  now: number,
): StoredProof | null {
  const kept = { ...blank, addressHash, checkedAt: now };
  switch (finding.kind) {
    case 'accepted':
      // A gateway may accept any name, so an accepted address proves nothing, even if the domain refused another name.
      return { ...kept, finding: probe === 'weak' ? 'catch_all' : 'accepted', expiresAt: now + acceptedMs };
    case 'unknown_user':
    case 'disabled':
    case 'full':
      return { ...kept, finding: finding.kind, expiresAt: now + unknownMs };
    case 'later': {
      const next = retryAfterMs[attempts];
      const retryAt = next === undefined ? null : now + (finding.retryMs ?? next);
      return {
        ...kept,
        finding: 'undetermined',
        cause: 'greylisted',
        attempts: attempts + 1,
        retryAt,
        expiresAt: (retryAt ?? now) + unprovenMs,
      };
    }
    case 'undetermined':
      return { ...kept, finding: 'undetermined', cause: finding.cause, expiresAt: now + unprovenMs };
    default:
      return null;
  }
}

const blank = { attempts: 0, retryAt: null, cause: null, position: null };

/** What is stored before a host is asked about an address. It says nothing about the mailbox. */
export const storedQuestion = (addressHash: string, attempts: number, now: number): StoredProof => ({
  ...{ ...blank, addressHash, finding: 'asked', attempts, checkedAt: now },
  expiresAt: now + unprovenMs,
});

/**
 * What is stored of a refusal that is not confirmed. `checkedAt`: when the host refused. `retryAt`: when to ask the control question
 * again.
 */
export const storedRefusal = (
  addressHash: string,
  { finding, position }: RefusedRecipient,
  { attempts, checkedAt, retryAt }: Pick<StoredProof, 'attempts' | 'checkedAt' | 'retryAt'>,
): StoredProof => ({
  ...{ addressHash, position, attempts, checkedAt, retryAt },
  finding: finding.kind === 'disabled' ? 'maybe_disabled' : 'maybe_unknown',
  cause: finding.kind === 'undetermined' ? finding.cause : null,
  expiresAt: checkedAt + unconfirmedMs,
});

/** The refusal in a stored answer; null if it is another answer. */
export function refusalIn(
  { finding, cause, position }: StoredProof,
  mailbox: Mailbox,
): RefusedRecipient | null {
  if ((finding !== 'maybe_unknown' && finding !== 'maybe_disabled') || position === null) return null;
  if (cause !== null) return { mailbox, position, finding: { kind: 'undetermined', cause, mayBeUser: true } };
  return {
    mailbox,
    position,
    finding: { kind: finding === 'maybe_disabled' ? 'disabled' : 'unknown_user' },
  };
}

/**
 * What a stored answer proves, together with the finding about its domain. Null if the stored answers are not enough: presend
 * must ask about the address again, or about a made-up name in the domain.
 */
export function provenBy(
  { finding, cause, retryAt }: StoredProof,
  domain: DomainFinding['kind'] | null,
): MailboxProof | null {
  if (finding === 'undetermined')
    return retryAt === null ? { kind: 'undetermined', cause: cause ?? 'ambiguous' } : null;
  if (finding === 'catch_all' || finding === 'unknown_user' || finding === 'disabled' || finding === 'full')
    return { kind: finding };
  if (domain === 'catch_all') return { kind: 'catch_all' };
  if (finding !== 'accepted') return null;
  if (domain === 'selective') return { kind: 'exists' };
  return domain === 'ambiguous' ? { kind: 'undetermined', cause: 'ambiguous' } : null;
}
