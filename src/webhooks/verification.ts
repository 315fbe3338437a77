// Ways of vouching for a request that several providers share.

import { bytesOf, fromBase64, fromHex, isHmac, isOneOf, join } from './crypto.ts';
import type { Refusal, Verification, WebhookRequest } from './request.ts';

export const verified: Verification = { kind: 'verified' };

export const refuse = (why: Refusal): Verification => ({ kind: 'refused', why });

const minute = 60_000;

/** For providers that sign each attempt anew. The span that Standard Webhooks gives. */
export const freshWindow = 5 * minute;

/** For providers whose repeated attempts may carry the first one's time, and go on for a day at most. */
export const retryWindow = 25 * 60 * minute;

/** Is a time in epoch milliseconds no older than the window, nor ahead by more than clocks differ? */
export function isWithin(window: number, time: number | null, now: number): boolean {
  return time !== null && time >= now - window && time <= now + freshWindow;
}

/**
 * For providers that sign nothing: a secret that travels with the request, over TLS. It is the password of HTTP
 * Basic (RFC 7617; the user name is free), a Bearer token (RFC 6750), or the header X-Webhook-Token. It has no
 * place in the URL, which ends up in logs.
 */
export async function verifySharedSecret(
  request: WebhookRequest,
  secrets: readonly string[] = [],
): Promise<Verification> {
  if (secrets.length === 0) return refuse('not_configured');
  const offered = request.headers.get('x-webhook-token') ?? authorization(request);
  if (offered === null) return refuse('credentials_missing');
  return (await isOneOf(secrets, offered)) ? verified : refuse('credentials_wrong');
}

function authorization(request: WebhookRequest): string | null {
  const [, scheme, value] = /^(basic|bearer) +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  const pair = fromBase64(value);
  if (pair === null) return null;
  const colon = pair.indexOf(':'.charCodeAt(0));
  return colon === -1 ? null : new TextDecoder().decode(pair.subarray(colon + 1));
}

/** For providers that put the HMAC-SHA-256 of the body, in hexadecimal, into a header. */
export async function verifyHexHmac(
  request: WebhookRequest,
  keys: readonly string[] = [],
  header: string,
): Promise<Verification> {
  if (keys.length === 0) return refuse('not_configured');
  const written = request.headers.get(header);
  if (written === null) return refuse('signature_missing');
  const signature = fromHex(written);
  if (signature === null) return refuse('signature_wrong');
  return (await isHmac('SHA-256', keys.map(bytesOf), signature, request.body))
    ? verified
    : refuse('signature_wrong');
}

/**
 * Standard Webhooks (https://www.standardwebhooks.com), symmetric signatures: HMAC-SHA-256 over
 * `id.timestamp.body`, several signatures apart by spaces, keys `whsec_` and base64. Svix is the same under
 * another prefix of the headers.
 */
export async function verifyStandardWebhook(
  request: WebhookRequest,
  keys: readonly string[] = [],
  prefix: 'webhook' | 'svix',
): Promise<Verification> {
  if (keys.length === 0) return refuse('not_configured');
  const id = request.headers.get(`${prefix}-id`);
  const timestamp = request.headers.get(`${prefix}-timestamp`);
  const signatures = request.headers.get(`${prefix}-signature`);
  if (id === null || timestamp === null || signatures === null) return refuse('signature_missing');
  const time = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : null;
  if (!isWithin(freshWindow, time, request.now)) return refuse('timestamp_outside_window');
  const secrets = keys
    .map((key) => fromBase64(key.replace(/^whsec_/, '')))
    .filter((secret) => secret !== null);
  const data = join(bytesOf(`${id}.${timestamp}.`), request.body);
  for (const signature of signatures.split(' ')) {
    const bytes = signature.startsWith('v1,') ? fromBase64(signature.slice(3)) : null;
    if (bytes !== null && (await isHmac('SHA-256', secrets, bytes, data))) return verified;
  }
  return refuse('signature_wrong');
}
