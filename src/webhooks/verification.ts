// Ways of checking a webhook's sender that several vendors share: shared secrets, HMAC signatures, Standard Webhooks.

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
  /** The signature could not be checked, because its certificate cannot be fetched now. The vendor should try again. */
  | { readonly kind: 'unavailable' };

export const verified: Verification = { kind: 'verified' };

export const refuse = (why: Refusal): Verification => ({ kind: 'refused', why });

const minute = 60_000;

/**
 * Maximum age of a signed timestamp, in milliseconds, for vendors that set a new timestamp on every attempt. Standard Webhooks
 * recommends five minutes.
 */
export const freshWindow = 5 * minute;

/**
 * Maximum age of a signed timestamp, in milliseconds, for vendors that keep the timestamp of the first attempt when they send a
 * webhook again. They do so for up to a day, so 25 hours are enough.
 */
export const retryWindow = 25 * 60 * minute;

/**
 * Whether `time` is at most `window` milliseconds before `now`. It may also be up to five minutes after `now`, because the
 * clocks of sender and receiver differ. `time` and `now` are in epoch milliseconds; a null `time` gives false.
 */
export function isWithin(window: number, time: number | null, now: number): boolean {
  return time !== null && time >= now - window && time <= now + freshWindow;
}

/**
 * Checks a shared secret in a header, for vendors that do not sign their webhooks. The secret may be the value of
 * X-Webhook-Token, the password of HTTP Basic authentication (RFC 7617, with any user name) or a Bearer token (RFC 6750). A
 * secret in the URL is not accepted, because URLs end up in logs.
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

/** Checks a signature in the header `header`: the HMAC-SHA-256 of the body with one of the keys, in hexadecimal. */
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

/** Maximum number of signatures that are checked per request. Vendors send one, or two while they replace a key. */
const maxSignatures = 8;

/** Decodes a Standard Webhooks secret: base64, with or without the prefix `whsec_`. Null if it is not base64. */
export const standardWebhookKey = (secret: string) => fromBase64(secret.replace(/^whsec_/, ''));

/**
 * Checks a signature by the Standard Webhooks specification (https://www.standardwebhooks.com), version v1: HMAC-SHA-256 of
 * `id.timestamp.body`. The header may contain several signatures, separated by spaces. Svix uses the same scheme, but its
 * headers begin with `svix` instead of `webhook`.
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
