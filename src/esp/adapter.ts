// The port of an email service provider: verify a webhook request, then read the reports in it.

import type { Meaning } from './meaning.ts';

/** The request as it came. Verification needs the very bytes that were sent. */
export interface WebhookRequest {
  /** Looks a header up without regard to case, as the Headers of fetch does. */
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array<ArrayBuffer>;
  /** Epoch milliseconds. */
  readonly now: number;
}

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

/** What an adapter may ask of the outside world. */
export interface EspPorts {
  /**
   * The X.509 certificate at this https URL as PEM text, or null when it cannot be had at present. The adapter has
   * checked the host; the caller must not follow redirects.
   */
  fetchCertificate(url: string): Promise<string | null>;
}

export type Refusal =
  | 'not_configured'
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
  /** Neither right nor wrong: what is needed to tell cannot be reached. The provider should send it again. */
  | { readonly kind: 'unavailable' };

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
