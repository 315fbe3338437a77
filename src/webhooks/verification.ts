// Signature schemes that several vendors share.

import { bytesOf, concat, fromBase64, fromHex, isHmac, isOneOf } from './crypto.ts';
import type { WebhookRequest } from './request.ts';

export type Refusal =
  | 'malformed'
  | 'credentials_missing'
  | 'credentials_wrong'
  | 'signature_missing'
  | 'signature_wrong'
  | 'timestamp_outside_window'
  | 'topic_not_allowed'
  | 'certificate_not_trusted';

export type Verification =
  | { readonly kind: 'verified' }
  | { readonly kind: 'refused'; readonly why: Refusal }
  /** The check needs a certificate that cannot be fetched now. The vendor should send the request again. */
  | { readonly kind: 'unavailable' };

export const verified: Verification = { kind: 'verified' };

export const refuse = (why: Refusal): Verification => ({ kind: 'refused', why });

const minute = 60_000;

/** For vendors that sign every attempt anew. Standard Webhooks recommends five minutes. */
export const freshWindow = 5 * minute;

/** For vendors that repeat the timestamp of the first attempt, for up to a day. */
export const retryWindow = 25 * 60 * minute;

/**
 * Whether a time is at most `window` milliseconds old, and at most five minutes ahead, because clocks differ. `time` and
 * `now` are in epoch milliseconds.
 */
export function isWithin(window: number, time: number | null, now: number): boolean {
  return time !== null && time >= now - window && time <= now + freshWindow;
}

/**
 * A shared secret in a header, for vendors that sign nothing: the password of HTTP Basic (RFC 7617, any user name), a
 * Bearer token (RFC 6750), or X-Webhook-Token. A secret in the URL is not accepted, because URLs end up in logs.
 */
export async function verifySharedSecret(
  request: WebhookRequest,
  secrets: readonly string[] = [],
): Promise<Verification> {
  const offered = request.headers.get('x-webhook-token') ?? authorization(request);
  if (offered === null) return refuse('credentials_missing');
  return (await isOneOf(secrets, offered)) ? verified : refuse('credentials_wrong');
}

function authorization(request: WebhookRequest): string | null {
  const [, scheme, value] = /^(basic|bearer) +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (value === undefined) return null;
  if (scheme!.toLowerCase() === 'bearer') return value;
  const pair = fromBase64(value);
  if (pair === null) return null;
  const colon = pair.indexOf(':'.charCodeAt(0));
  return colon === -1 ? null : new TextDecoder().decode(pair.subarray(colon + 1));
}

/** HMAC-SHA-256 of the body in a header, in hexadecimal. */
export async function verifyHexHmac(
  request: WebhookRequest,
  keys: readonly string[] = [],
  header: string,
): Promise<Verification> {
  const written = request.headers.get(header);
  if (written === null) return refuse('signature_missing');
  const signature = fromHex(written);
  if (signature === null) return refuse('signature_wrong');
  return (await isHmac('SHA-256', keys.map(bytesOf), [signature], request.body))
    ? verified
    : refuse('signature_wrong');
}

/** Maximum number of signatures that are checked per request. A key rotation needs two. */
const maxSignatures = 8;

/** The key of a Standard Webhooks secret: base64, with or without the prefix `whsec_`. Null when it is not base64. */
export const standardWebhookKey = (secret: string) => fromBase64(secret.replace(/^whsec_/, ''));

/**
 * Standard Webhooks (https://www.standardwebhooks.com), symmetric: HMAC-SHA-256 over `id.timestamp.body`, signatures
 * separated by spaces. Svix uses the same scheme under another header prefix.
 */
export async function verifyStandardWebhook(
  request: WebhookRequest,
  secrets: readonly string[] = [],
  prefix: 'webhook' | 'svix',
): Promise<Verification> {
  const id = request.headers.get(`${prefix}-id`);
  const timestamp = request.headers.get(`${prefix}-timestamp`);
  const written = request.headers.get(`${prefix}-signature`);
  if (id === null || timestamp === null || written === null) return refuse('signature_missing');
  const time = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : null;
  if (!isWithin(freshWindow, time, request.now)) return refuse('timestamp_outside_window');
  const signatures = written
    .split(' ', maxSignatures)
    .map((one) => (one.startsWith('v1,') ? fromBase64(one.slice('v1,'.length)) : null))
    .filter((signature) => signature !== null);
  const keys = secrets.map(standardWebhookKey).filter((key) => key !== null);
  const data = concat(bytesOf(`${id}.${timestamp}.`), request.body);
  return (await isHmac('SHA-256', keys, signatures, data)) ? verified : refuse('signature_wrong');
}
