// What a session with a mail host leaves in storage about the addresses that it asked about.

import type { Mailbox } from '../address/mailbox.ts';
import { retryAfterMs, storedProof, storedQuestion, storedRefusal } from './keep-proof.ts';
import type { MailboxPolicy } from './mailbox-policy.ts';
import type { StoredProof } from './probe-repository.ts';
import type { RecipientFinding } from './read-answer.ts';
import type { Visit, VisitNews } from './visit.ts';

/** An address of a session. */
export interface AskedAddress {
  readonly mailbox: Mailbox;
  readonly addressHash: string;
  readonly domainHash: string;
  /** How often the host asked for a later attempt before. */
  readonly attempts: number;
}

export function storedFindings<T extends AskedAddress>(
  asked: readonly T[],
  findings: ReadonlyMap<string, RecipientFinding>,
  probe: MailboxPolicy['probe'],
  now: number,
): [T, StoredProof][] {
  const proofs: [T, StoredProof][] = [];
  for (const one of asked) {
    const finding = findings.get(one.mailbox.address);
    const proof = finding ? storedProof(one.addressHash, finding, one.attempts, probe, now) : null;
    if (proof !== null) proofs.push([one, { ...proof, domainHash: one.domainHash }]);
  }
  return proofs;
}

/** What is stored before the next question of a session, and that it will be asked. */
export function storedNews(
  asked: readonly AskedAddress[],
  { findings, refusals, next }: VisitNews,
  probe: MailboxPolicy['probe'],
  now: number,
): StoredProof[] {
  const proofs = storedFindings(asked, findings, probe, now).map(([, proof]) => proof);
  for (const refusal of refusals) {
    const { addressHash, attempts } = asked.find(({ mailbox }) => mailbox === refusal.mailbox)!;
    proofs.push(storedRefusal(addressHash, refusal, { attempts, checkedAt: now, retryAt: null }));
  }
  const following = asked.find(({ mailbox }) => mailbox.address === next);
  if (following !== undefined) proofs.push(storedQuestion(following.addressHash, following.attempts, now));
  return proofs;
}

/**
 * What is stored of refusals whose control question had no answer. A host that names a time after which they no longer count is asked
 * about the recipients again. `refusedAt`: when the host refused an address, if an earlier session asked about it.
 */
export function storedRefusals<T extends AskedAddress>(
  asked: readonly T[],
  refusals: Visit['refusals'],
  probe: MailboxPolicy['probe'],
  refusedAt: (addressHash: string) => number | undefined,
  now: number,
): [T, StoredProof][] {
  return refusals.map((refusal) => {
    const one = asked.find(({ mailbox }) => mailbox === refusal.mailbox)!;
    const { addressHash, attempts } = one;
    const { retryMs } = refusal;
    const open = storedRefusal(addressHash, refusal, {
      attempts,
      checkedAt: refusedAt(addressHash) ?? now,
      retryAt: now + (retryMs ?? retryAfterMs[0]),
    });
    const isInTime = retryMs === null || open.retryAt! < open.expiresAt;
    return [
      one,
      isInTime ? open : storedProof(addressHash, { kind: 'later', retryMs }, attempts, probe, now)!,
    ];
  });
}
