// The port of an email service provider: verify a webhook request, then read its reports.

import type { EspPorts, Verification, WebhookRequest } from '../webhooks/request.ts';
import type { Meaning } from './meaning.ts';

/** The secrets shared with one provider. Each adapter's header says which fields it needs. */
export interface EspSecrets {
  /** Keys for checking signatures; more than one during a key rotation. */
  readonly signingKeys?: readonly string[];
  /** Secrets that the provider sends along: as the HTTP Basic password, a Bearer token or X-Webhook-Token. */
  readonly sharedSecrets?: readonly string[];
  /** The webhook's URL exactly as configured at the provider, for providers that sign it. */
  readonly webhookUrl?: string;
  /** ARNs of the allowed Amazon SNS topics. */
  readonly topics?: readonly string[];
}

/** One event as the adapter read it: the vendor's facts and their meaning. */
export interface Report {
  /** Identifies the event; the same when it is sent again. Only a digest is stored. */
  readonly key: readonly (string | number | null)[];
  readonly label: string;
  readonly meaning: Meaning;
  readonly recipient: string | null;
  readonly at: number | null;
  /** The SMTP reply of the receiving server, or of the sending server if it reached none. It is classified. */
  readonly reply: string | null;
  /** The vendor's explanation, for people. */
  readonly note: string | null;
  readonly messageId: string | null;
  readonly campaign: string | null;
  readonly source: string | null;
}

export type ParsedWebhook =
  | { readonly kind: 'reports'; readonly reports: readonly Report[] }
  /** The provider wants a GET of this URL before it sends events. The adapter has checked the host. */
  | { readonly kind: 'confirmation'; readonly url: string }
  | { readonly kind: 'malformed' };

export interface EspAdapter {
  /** The slug in the route and in reports: lower case, digits and underscores. */
  readonly name: string;
  /** Whether the provider sent this request. Without configured secrets it is refused. */
  verify(request: WebhookRequest, secrets: EspSecrets, ports: EspPorts): Promise<Verification>;
  /** Reads the request. Never throws; unknown content becomes `unknown`. */
  parse(request: WebhookRequest): ParsedWebhook;
}
