// The source of evidence about mailboxes: what the operator's own mail proved, and stored answers of mail hosts. It does not ask
// a mail host itself.

import type { Mailbox } from '../address/mailbox.ts';
import type { KnownProofs } from '../mailbox/known-proofs.ts';
import { withTimeout } from '../maybe-promise.ts';
import type { AddressFinding } from '../signals/evidence.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';
import { type BatchFinding, type EvidenceSource, nothingFound } from './evidence-source.ts';

/**
 * Looks up what is known about the mailboxes of a batch, except sandbox addresses. If storage fails or takes longer than
 * `timeoutMs` milliseconds, calls `onFailure`, and nothing is known.
 */
export function proofSource(
  proofs: KnownProofs,
  timeoutMs: number,
  onFailure: (error: unknown) => void,
): EvidenceSource {
  const find = async (mailboxes: readonly Mailbox[]): Promise<BatchFinding> => {
    const byAddress = new Map<string, AddressFinding>();
    for (const [index, known] of (await proofs.find(mailboxes)).entries())
      if (known !== null)
        byAddress.set(mailboxes[index]!.address, { proof: known.proof, proofOrigin: known });
    return byAddress.size === 0 ? nothingFound : { ofAddress: (address) => byAddress.get(address) ?? null };
  };
  return {
    name: 'mailbox',
    scope: 'address',
    gather({ parsed }) {
      const mailboxes = new Map<string, Mailbox>();
      for (const outcome of parsed)
        if (outcome.ok && outcome.mailbox.domain !== sandboxDomain)
          mailboxes.set(outcome.mailbox.address, outcome.mailbox);
      if (mailboxes.size === 0) return nothingFound;
      return withTimeout(find([...mailboxes.values()]), timeoutMs).catch((error: unknown) => {
        onFailure(error);
        return nothingFound;
      });
    },
  };
}
