// The port of an email service provider: verify a webhook request, then read the reports in it.

import type { EspPorts, Verification, WebhookRequest } from '../webhooks/request.ts';
import type { Meaning } from './meaning.ts';

/** What one operator agreed on with one provider. Which fields an adapter needs is said at its head. */
export interface EspSecrets {
  /** Keys that signatures are checked with; several while one is being replaced. */
  readonly signingKeys?: readonly string[];
  /** Secrets that the provider sends along: as the password of HTTP Basic, a Bearer token, or X-Webhook-Token. */
  readonly sharedSecrets?: readonly string[];
  /** The address of the webhook exactly as it was given to the provider, for those that sign it. */
  readonly webhookUrl?: string;
  /** The Amazon SNS topics (ARN) that may speak. */
  readonly topics?: readonly string[];
}

/** One event as an adapter read it: the vendor's facts, and what its words mean in ours. */
export interface Report {
  /** What tells this event from all others and is the same when it is sent again. Digested before it is kept. */
  readonly key: readonly (string | number | null)[];
  readonly label: string;
  readonly meaning: Meaning;
  readonly recipient: string | null;
  readonly at: number | null;
  /** What the receiving server answered, or the sending one when it found none: words that can be classified. */
  readonly reply: string | null;
  /** The vendor's own explanation, for people. */
  readonly note: string | null;
  readonly messageId: string | null;
  readonly campaign: string | null;
  readonly source: string | null;
}

export type ParsedWebhook =
  | { readonly kind: 'reports'; readonly reports: readonly Report[] }
  /** The provider asks for a GET of this URL, whose host the adapter has checked, before it sends anything. */
  | { readonly kind: 'confirmation'; readonly url: string }
  | { readonly kind: 'malformed' };

export interface EspAdapter {
  /** The slug in the route and in reports: lower case, digits and underscores. */
  readonly name: string;
  /** Did the provider send this? Missing secrets refuse: a webhook nobody can vouch for changes nothing. */
  verify(request: WebhookRequest, secrets: EspSecrets, ports: EspPorts): Promise<Verification>;
  /** Reads the request. Never throws, whatever the body; what it does not know is `unknown`. */
  parse(request: WebhookRequest): ParsedWebhook;
}
