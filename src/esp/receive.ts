// Turns a webhook request into delivery events, or into the reason for refusing it.

import type { DeliveryEvent } from '../events/delivery-event.ts';
import { bytesOf, sha256, toHex } from '../webhooks/crypto.ts';
import type { EspPorts, Refusal, WebhookRequest } from '../webhooks/request.ts';
import type { EspAdapter, EspSecrets } from './adapter.ts';
import { settle } from './settle.ts';

/** What to do and what to answer; `status` is the HTTP status. */
export type WebhookOutcome =
  | { readonly kind: 'events'; readonly status: 200; readonly events: readonly DeliveryEvent[] }
  /** The caller GETs the URL without following redirects and answers 200. */
  | { readonly kind: 'confirmation'; readonly status: 200; readonly url: string }
  | { readonly kind: 'refused'; readonly status: 401; readonly why: Refusal }
  | { readonly kind: 'malformed'; readonly status: 400 }
  /** Not now: the provider should retry. */
  | { readonly kind: 'unavailable'; readonly status: 503 };

/**
 * Verifies the request before reading it. Events are in the order of the body. A repeated event has the same id, also
 * within one body. The caller's storage must count each id once and keep ids longer than the retryWindow, better
 * forever, since some providers do not date their requests.
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

/** Reads a request that is already verified. */
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

/** Keys may contain addresses, so they are digested; 128 bits make collisions impossible in practice. */
async function eventId(provider: string, key: readonly unknown[]): Promise<string> {
  const digest = await sha256(bytesOf(JSON.stringify([provider, ...key])));
  return toHex(digest.subarray(0, 16));
}
