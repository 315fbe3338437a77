// Converts a webhook request to delivery events, or returns why it was refused.

import type { DeliveryEvent } from '../events/delivery-event.ts';
import { deliveryEventsOf } from '../events/vendor-event.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { Refusal } from '../webhooks/verification.ts';
import type { EspAdapter, EspSecrets } from './esp-adapter.ts';

/** The result of a webhook request. `status` is the HTTP status to respond with. */
export type WebhookOutcome =
  | { readonly kind: 'events'; readonly status: 200; readonly events: readonly DeliveryEvent[] }
  /** The caller must GET the URL without following redirects, and then respond with 200. */
  | { readonly kind: 'confirmation'; readonly status: 200; readonly url: string }
  /** The provider checks the URL. The caller must respond with these fields as JSON. */
  | { readonly kind: 'handshake'; readonly status: 200; readonly answer: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly status: 401; readonly why: Refusal }
  | { readonly kind: 'malformed'; readonly status: 400 }
  /** Verification needs a certificate that cannot be fetched now. The provider should send the request again. */
  | { readonly kind: 'unavailable'; readonly status: 503 };

/**
 * Verifies a request, and then reads it. The events are in the order of the body.
 *
 * An event that is sent again has the same id, in a later request as well as within one body. The caller stores the ids and
 * counts each event once. A copy of a request passes verification for `retryWindow`, or at any age if the provider
 * does not date its requests. So the caller must keep each id longer than `retryWindow`: best as long as it stores the event.
 */
export async function receiveWebhook(
  adapter: EspAdapter,
  request: WebhookRequest,
  secrets: EspSecrets,
  certificates: CertificateSource,
): Promise<WebhookOutcome> {
  const answer = adapter.handshake?.(request) ?? null;
  if (answer !== null) return { kind: 'handshake', status: 200, answer };
  const verification = await adapter.verify(request, secrets, certificates);
  if (verification.kind === 'refused') return { kind: 'refused', status: 401, why: verification.why };
  if (verification.kind === 'unavailable') return { kind: 'unavailable', status: 503 };
  return readWebhook(adapter, request);
}

/** Reads a request that has been verified. */
export async function readWebhook(adapter: EspAdapter, request: WebhookRequest): Promise<WebhookOutcome> {
  const parsed = adapter.parse(request);
  if (parsed.kind === 'malformed') return { kind: 'malformed', status: 400 };
  if (parsed.kind === 'confirmation') return { kind: 'confirmation', status: 200, url: parsed.url };
  return { kind: 'events', status: 200, events: deliveryEventsOf(adapter.name, parsed.reports) };
}
