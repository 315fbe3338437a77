// Signed webhooks by the Standard Webhooks specification, https://www.standardwebhooks.com: HMAC-SHA-256, version v1.

export interface SignedMessage {
  /** `webhook-id`: the same for every attempt, so a receiver can deduplicate. */
  readonly id: string;
  /** Epoch milliseconds of this attempt. Receivers reject old messages. */
  readonly at: number;
  readonly body: string;
}

const encoder = new TextEncoder();

/** The specification requires 24 to 64 bytes. */
const leastSecretBytes = 24;

/** The key in a secret such as `whsec_MfKQ9r8G…`, in base64 after the prefix. Null if the text is not such a secret. */
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

/** The three headers that go with `body`. */
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
