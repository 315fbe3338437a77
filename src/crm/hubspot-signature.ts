// Verifies HubSpot's request signatures, v3 and v2.
//
// https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
// Confirmed by that page: the signed texts; that v3 is an HMAC-SHA-256 in base64 and valid for five minutes; that v2 is a
// plain SHA-256 in hexadecimal; that custom workflow actions use v2. Assumed, not confirmed: which escaped characters of
// the URI v3 decodes (`decodedInV3`), and that HubSpot may send both signatures with one request.

import {
  bytesOf,
  concat,
  fromBase64,
  hmacOf,
  isHmac,
  isOneOf,
  sha256,
  toBase64,
  toHex,
} from '../webhooks/crypto.ts';
import { type SampleRequest, unsignedSample } from '../webhooks/sample-request.ts';
import { freshWindow, isWithin, refuse, type Verification, verified } from '../webhooks/verification.ts';
import type { CrmSettings, HookRequest } from './crm-adapter.ts';

const signedUrl = (request: Pick<HookRequest, 'url'>, { webhookUrl }: CrmSettings): string =>
  webhookUrl ?? request.url;

const decodedInV3 = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/** A sample request with a v3 signature. `now` is epoch milliseconds. */
export async function v3Sample(
  settings: CrmSettings,
  { url, now }: Pick<HookRequest, 'url' | 'now'>,
  value: unknown,
): Promise<SampleRequest> {
  const sample = unsignedSample(value);
  const [key] = settings.signingKeys;
  if (!key) return sample;
  const uri = signedUrl({ url }, settings).replace(decodedInV3, decodeURIComponent);
  const signature = await hmacOf('SHA-256', bytesOf(key), bytesOf(`POST${uri}${sample.body}${now}`));
  return {
    ...sample,
    headers: {
      ...sample.headers,
      'x-hubspot-signature-v3': toBase64(signature),
      'x-hubspot-request-timestamp': String(now),
    },
    isSigned: true,
  };
}

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
 * Verifies the v3 signature if the request has one, else the v2 signature: SHA-256 over client secret, method, URI and
 * body. v2 has no timestamp, so someone who captured a request can send it again. For a workflow action this does no harm:
 * the request gets a verdict and changes nothing.
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
