// Evidence from the suppression list.

import type { ParsedMailbox } from '../address/mailbox.ts';
import { withTimeout } from '../maybe-promise.ts';
import type { SuppressionEvidence } from '../signals/evidence.ts';
import type { SuppressionMatch, Suppressions } from '../suppression/suppressions.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';
import type { EvidenceSource } from './evidence-source.ts';

/** The evidence for one canonical address of the batch. */
export type SuppressionLookup = (address: string) => SuppressionEvidence;

const clear: SuppressionEvidence = { kind: 'clear' };
const undetermined: SuppressionLookup = () => ({ kind: 'undetermined' });
const notAsked: SuppressionLookup = () => ({ kind: 'not_asked' });

/** For callers who may not know what the list says, and where there is no list. */
export const withoutSuppressions: EvidenceSource<SuppressionLookup> = {
  name: 'suppression',
  scope: 'address',
  gather: () => notAsked,
};

/** `onFailure` is called when the list fails or is late; its addresses are then `undetermined`. */
export function suppressionSource(
  suppressions: Suppressions,
  timeoutMs: number,
  onFailure: (error: unknown) => void,
): EvidenceSource<SuppressionLookup> {
  const failed = (error: unknown): SuppressionLookup => {
    onFailure(error);
    return undetermined;
  };
  return {
    name: 'suppression',
    scope: 'address',
    gather({ parsed, question }) {
      const addresses = addressesOf(parsed);
      if (addresses.length === 0) return notAsked;
      try {
        const found = suppressions.find(addresses, question);
        return Array.isArray(found)
          ? evidenceOf(addresses, found)
          : withTimeout(found, timeoutMs).then((entries) => evidenceOf(addresses, entries), failed);
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

function evidenceOf(
  addresses: readonly string[],
  found: readonly (SuppressionMatch | null)[],
): SuppressionLookup {
  if (found.length === 1) {
    const evidence = suppressionEvidence(found[0]!);
    return () => evidence;
  }
  const byAddress = new Map(addresses.map((address, index) => [address, suppressionEvidence(found[index]!)]));
  return (address) => byAddress.get(address)!;
}

/** An entry about other mail is no obstacle. */
const suppressionEvidence = (found: SuppressionMatch | null): SuppressionEvidence => {
  if (found === null || found.effect === 'inform') return clear;
  const { reason, status, effect } = found;
  return {
    kind: 'suppressed',
    bounced: reason === 'bounce',
    status,
    ...(effect === 'confirm' && { mayConfirm: true }),
  };
};
