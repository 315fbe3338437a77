// The formats of keys that verify webhook signatures. Keys are checked when the service starts, so a wrong key is found
// then and not when the first webhook arrives.

import { createPublicKey } from 'node:crypto';
import { fromBase64 } from './crypto.ts';
import { standardWebhookKey } from './verification.ts';

export interface KeyFormat {
  /** The end of an error message that begins with "must be", such as "a public key in base64". */
  readonly description: string;
  accepts(key: string): boolean;
}

/** Decodes a public key in base64 to DER. Ignores PEM lines such as `-----BEGIN PUBLIC KEY-----`. Null if not base64. */
export const publicKeyDer = (key: string) => fromBase64(key.replace(/-----[A-Z ]+-----/g, ''));

/** A public key as SubjectPublicKeyInfo (RFC 5280) in base64, with or without PEM lines. */
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

/** The secret of a vendor that signs by the Standard Webhooks specification or with Svix. */
export const standardWebhookKeyFormat: KeyFormat = {
  description: 'whsec_ followed by the secret in base64',
  accepts: (key) => (standardWebhookKey(key)?.length ?? 0) > 0,
};
