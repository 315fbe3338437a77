// Verifies HubSpot's request signatures, v3 and v2.
//
// https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
// Verified there: what is concatenated, HMAC-SHA-256 in base64 for v3, the five minutes, v2 as a plain SHA-256 in
// hexadecimal, that custom workflow actions use v2. Not verified: the list of characters that v3 decodes in the URI, and
// that HubSpot sends both headers.

import { bytesOf, concat, fromBase64, isHmac, isOneOf, sha256, toHex } from '../webhooks/crypto.ts';
import { freshWindow, isWithin, refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { CrmSettings, HookRequest } from './crm-adapter.ts';

const signedUrl = (request: HookRequest, { webhookUrl }: CrmSettings): string => webhookUrl ?? request.url;

const decodedInV3 = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/** Verifies a v3 signature: HMAC-SHA-256 over method, URI, body and timestamp, with the app's client secret as the key. */
export async function verifyV3(request: HookRequest, settings: CrmSettings): Promise<Verification> {
  const { signingKeys } = settings;
  const written = request.headers.get('x-hubspot-signature-v3');
  const timestamp = request.headers.get('x-hubspot-request-timestamp');
  if (written === null || timestamp === null) return refuse('signature_missing');
  const time = /^\d{1,15}$/.test(timestamp) ? Number(timestamp) : null;
  if (!isWithin(freshWindow, time, request.now)) return refuse('timestamp_outside_window');
  const signature = fromBase64(written);
  if (signature === null) return refuse('signature_wrong');
  const uri = signedUrl(request, settings).replace(decodedInV3, decodeURIComponent);
  const data = concat(bytesOf(`POST${uri}`), request.body, bytesOf(timestamp));
  return (await isHmac('SHA-256', signingKeys.map(bytesOf), [signature], data))
    ? verified
    : refuse('signature_wrong');
}

/**
 * Verifies a v3 signature if the request has one, else a v2 signature: SHA-256 over client secret, method, URI and body.
 * A captured v2 request can be sent again, because v2 has no timestamp. That does no harm: it gets the same answer and
 * has no other effect.
 */
export async function verifyV3OrV2(request: HookRequest, settings: CrmSettings): Promise<Verification> {
  const written = request.headers.get('x-hubspot-signature');
  const isV2 = request.headers.get('x-hubspot-signature-version')?.toLowerCase() === 'v2';
  if (request.headers.get('x-hubspot-signature-v3') !== null || written === null || !isV2)
    return verifyV3(request, settings);
  const { signingKeys } = settings;
  const uri = signedUrl(request, settings);
  const digests = await Promise.all(
    signingKeys.map(async (key) => toHex(await sha256(concat(bytesOf(`${key}POST${uri}`), request.body)))),
  );
  return (await isOneOf(digests, written.toLowerCase())) ? verified : refuse('signature_wrong');
}
