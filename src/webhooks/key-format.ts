// Formats of the keys that verify signatures, to reject a wrong key at start instead of at the first event.

import { createPublicKey } from 'node:crypto';
import { fromBase64 } from './crypto.ts';
import { standardWebhookKey } from './verification.ts';

export interface KeyFormat {
  /** Completes "must be", as in "a public key in base64". */
  readonly description: string;
  accepts(key: string): boolean;
}

/** The DER of a public key in base64, with or without PEM lines. Null when it is not base64. */
export const publicKeyDer = (key: string) => fromBase64(key.replace(/-----[A-Z ]+-----/g, ''));

/** A SubjectPublicKeyInfo (RFC 5280) in base64. */
export const publicKeyFormat = (type: 'rsa' | 'ec'): KeyFormat => ({
  description: `${type === 'rsa' ? 'an RSA' : 'an ECDSA'} public key in base64`,
  accepts(key) {
    const der = publicKeyDer(key);
    if (der === null) return false;
    try {
      return (
        createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }).asymmetricKeyType === type
      );
    } catch {
      return false;
    }
  },
});

export const ed25519KeyFormat: KeyFormat = {
  description: 'an Ed25519 public key (32 bytes in base64)',
  accepts: (key) => fromBase64(key)?.length === 32,
};

/** The secret of Standard Webhooks or Svix. */
export const standardWebhookKeyFormat: KeyFormat = {
  description: 'whsec_ and the secret in base64',
  accepts: (key) => (standardWebhookKey(key)?.length ?? 0) > 0,
};
