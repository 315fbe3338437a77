// The source of evidence that asks the suppression list.

import type { ParsedMailbox } from '../address/mailbox.ts';
import { withTimeout } from '../maybe-promise.ts';
import type { AddressFinding, SuppressionNote } from '../signals/evidence.ts';
import type { SuppressionMatch, Suppressions } from '../suppression/suppressions.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';
import { type BatchFinding, type EvidenceSource, nothingFound } from './evidence-source.ts';

const undetermined: BatchFinding = { ofAddress: () => ({ suppression: { kind: 'undetermined' } }) };

/**
 * Asks the suppression list about all addresses of a batch, except sandbox addresses. If the list fails or takes longer than
 * `timeoutMs` milliseconds, calls `onFailure`, and the suppression evidence of all addresses is `undetermined`.
 */
export function suppressionSource(
  suppressions: Suppressions,
  timeoutMs: number,
  onFailure: (error: unknown) => void,
): EvidenceSource {
  const failed = (error: unknown): BatchFinding => {
    onFailure(error);
    return undetermined;
  };
  return {
    name: 'suppression',
    scope: 'address',
    gather({ parsed, question }) {
      const addresses = addressesOf(parsed);
      if (addresses.length === 0) return nothingFound;
      try {
        const found = suppressions.find(addresses, question);
        return Array.isArray(found)
          ? findingOf(addresses, found)
          : withTimeout(found, timeoutMs).then((entries) => findingOf(addresses, entries), failed);
      } catch (error) {
        return failed(error);
      }
    },
  };
}

function addressesOf(parsed: readonly ParsedMailbox[]): string[] {
  const addresses: string[] = [];
  for (const outcome of parsed)
    if (outcome.ok && outcome.mailbox.domain !== sandboxDomain) addresses.push(outcome.mailbox.address);
  return addresses.length > 1 ? [...new Set(addresses)] : addresses;
}

function findingOf(addresses: readonly string[], found: readonly (SuppressionMatch | null)[]): BatchFinding {
  if (found.every((match) => match === null)) return nothingFound;
  const byAddress = new Map<string, AddressFinding>();
  for (const [index, match] of found.entries())
    if (match !== null) byAddress.set(addresses[index]!, findingFrom(match));
  return { ofAddress: (address) => byAddress.get(address) ?? null };
}

/**
 * Turns an entry of the list into evidence. An entry with the effect `inform` does not stop the mail that the caller wants to
 * send, so the evidence is `clear`.
 */
function findingFrom({ scope, reason, status, since, effect }: SuppressionMatch): AddressFinding {
  const entry: SuppressionNote = { scope, reason, effect, status, since };
  if (effect === 'inform') return { suppression: { kind: 'clear', entry } };
  const mayConfirm = effect === 'confirm' && { mayConfirm: true };
  return { suppression: { kind: 'suppressed', bounced: reason === 'bounce', status, ...mayConfirm, entry } };
}
