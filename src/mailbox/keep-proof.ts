// How long the answers of mail hosts are valid, when a host is asked again, and what a stored answer proves.

import type { MailboxProof, RefusedCause } from '../address/mailbox-proof.ts';
import { bounceReasons } from '../bounce/reasons.ts';
import { dayMs, hourMs, minuteMs } from '../durations.ts';
import type { MailboxPolicy } from './mailbox-policy.ts';
import type { StoredProof } from './probe-repository.ts';
import type { RecipientFinding } from './read-answer.ts';
import type { DomainFinding } from './visit-host.ts';

export const acceptedMs = 30 * dayMs;
export const unknownMs = 7 * dayMs;
export const domainMs = 30 * dayMs;
/** Milliseconds until an address is asked about again if the answer proved nothing. */
export const unprovenMs = dayMs;

/** Milliseconds to wait if a host asks presend to try again later: the first, the second and the third time. */
export const retryAfterMs = [5 * minuteMs, 15 * minuteMs, 60 * minuteMs] as const;

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
  const kept = { addressHash, attempts: 0, checkedAt: now, retryAt: null, cause: null };
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
  if (finding !== 'accepted') return { kind: finding };
  if (domain === 'catch_all') return { kind: 'catch_all' };
  if (domain === 'selective') return { kind: 'exists' };
  return domain === 'ambiguous' ? { kind: 'undetermined', cause: 'ambiguous' } : null;
}
