// The interface of the library that verifies DKIM signatures (RFC 6376). The adapter is mailauth-signatures.ts.

import type { AskRecords } from '../authentication.ts';

export interface VerifiedSignature {
  readonly domain: string;
  readonly selector: string;
  /** Such as `rsa-sha256`. */
  readonly algorithm: string;
  readonly state:
    | 'valid'
    | 'body_changed'
    | 'invalid'
    | 'expired'
    | 'key_missing'
    | 'malformed'
    | 'from_not_signed'
    /** No resolver answered the DNS query for the key. */
    | 'not_answered';
}

/**
 * Verifies the signatures of a message whose lines end with CR LF. `now` is the time of verification. One result for each
 * DKIM-Signature, in order.
 */
export type VerifySignatures = (
  message: Uint8Array,
  ask: AskRecords,
  now: Date,
) => Promise<readonly VerifiedSignature[]>;
