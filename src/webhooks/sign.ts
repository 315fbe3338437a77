// Signs the webhooks that presend sends, by the Standard Webhooks specification (https://www.standardwebhooks.com), version v1:
// HMAC-SHA-256.

export interface SignedMessage {
  /** Sent as `webhook-id`. It is the same on every attempt, so the receiver recognizes a repeated message. */
  readonly id: string;
  /** The time of this attempt in epoch milliseconds, sent as `webhook-timestamp`. Receivers reject old messages. */
  readonly at: number;
  readonly body: string;
}

const encoder = new TextEncoder();

/** Minimum length of the secret in bytes. The specification requires 24 to 64. */
const leastSecretBytes = 24;

/**
 * Decodes a secret such as `whsec_MfKQ9r8G…`, whose key is in base64 after the prefix. Null if the text is not such a secret or
 * the key is too short.
 */
export function webhookSecret(text: string): Uint8Array<ArrayBuffer> | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (encoded === undefined) return null;
  try {
    const key = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    return key.length >= leastSecretBytes ? key : null;
  } catch {
    return null;
  }
}

/** Returns the three headers that must be sent with `body`: id, timestamp and signature. */
export async function webhookHeaders(
  key: Uint8Array<ArrayBuffer>,
  { id, at, body }: SignedMessage,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const cryptoKey = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', cryptoKey, encoder.encode(`${id}.${timestamp}.${body}`));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`,
  };
}
