// A webhook request becomes delivery events, or the reason why it must not.

import type { DeliveryEvent } from '../events/delivery-event.ts';
import { bytesOf, sha256, toHex } from '../webhooks/crypto.ts';
import type { EspPorts, Refusal, WebhookRequest } from '../webhooks/request.ts';
import type { EspAdapter, EspSecrets } from './adapter.ts';
import { settle } from './settle.ts';

/** What to do and what to answer; `status` is the HTTP status. */
export type WebhookOutcome =
  | { readonly kind: 'events'; readonly status: 200; readonly events: readonly DeliveryEvent[] }
  /** The caller does a GET of the URL, without following redirects, and answers 200. */
  | { readonly kind: 'confirmation'; readonly status: 200; readonly url: string }
  | { readonly kind: 'refused'; readonly status: 401; readonly why: Refusal }
  | { readonly kind: 'malformed'; readonly status: 400 }
  /** Not now: the provider should send it again. */
  | { readonly kind: 'unavailable'; readonly status: 503 };

/**
 * Verifies the request, and only then reads it. The events are in the order of the body. The same event sent again
 * comes out with the same id, also within one body: counting each id once is for the caller's storage, which must
 * keep ids for longer than the retryWindow, and best for ever, since some providers do not date their requests.
 */
export async function receiveWebhook(
  adapter: EspAdapter,
  request: WebhookRequest,
  secrets: EspSecrets,
  ports: EspPorts,
): Promise<WebhookOutcome> {
  const verification = await adapter.verify(request, secrets, ports);
  if (verification.kind === 'refused') return { kind: 'refused', status: 401, why: verification.why };
  if (verification.kind === 'unavailable') return { kind: 'unavailable', status: 503 };
  return readWebhook(adapter, request);
}

/** Reads a request that is known to be genuine. */
export async function readWebhook(adapter: EspAdapter, request: WebhookRequest): Promise<WebhookOutcome> {
  const parsed = adapter.parse(request);
  if (parsed.kind === 'malformed') return { kind: 'malformed', status: 400 };
  if (parsed.kind === 'confirmation') return { kind: 'confirmation', status: 200, url: parsed.url };
  const events = await Promise.all(
    parsed.reports.map(async (report) =>
      settle(adapter.name, await eventId(adapter.name, report.key), report),
    ),
  );
  return { kind: 'events', status: 200, events };
}

/** Keys may hold addresses, so they are digested; 128 bits keep strangers' events apart. */
async function eventId(provider: string, key: readonly unknown[]): Promise<string> {
  const digest = await sha256(bytesOf(JSON.stringify([provider, ...key])));
  return toHex(digest.subarray(0, 16));
}
