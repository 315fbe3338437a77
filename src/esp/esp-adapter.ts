// The interface of the adapters for email service providers (ESPs). An adapter verifies the webhook requests of a provider and
// reads the events in them.

import type { VendorReport } from '../events/vendor-event.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import type { KeyFormat } from '../webhooks/key-format.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { SampleRequest } from '../webhooks/sample-request.ts';
import type { Verification } from '../webhooks/verification.ts';

/**
 * The values of the settings of one provider (`ESP_<PROVIDER>_SIGNING_KEYS` and so on). The comment at the top of each adapter
 * says which settings it needs.
 */
export interface EspSecrets {
  /** Keys that verify signatures. There are several while keys are being replaced. */
  readonly signingKeys?: readonly string[];
  /** The provider sends one of these secrets: as an HTTP Basic password, a Bearer token, or in the header X-Webhook-Token. */
  readonly sharedSecrets?: readonly string[];
  /** The webhook URL exactly as it is configured at the provider. Needed if the provider's signature covers it. */
  readonly webhookUrl?: string;
  /** ARNs of the Amazon SNS topics whose messages are accepted. */
  readonly topics?: readonly string[];
}

export type EspSettingName = 'SIGNING_KEYS' | 'SHARED_SECRETS' | 'WEBHOOK_URL' | 'TOPICS';

export type ParsedWebhook =
  /** The events in the request. May be empty. */
  | { readonly kind: 'reports'; readonly reports: readonly VendorReport[] }
  /** The provider sends no events until this URL has been requested with GET. The adapter has checked the host of the URL. */
  | { readonly kind: 'confirmation'; readonly url: string }
  /** The body is not one that this provider sends. */
  | { readonly kind: 'malformed' };

export interface EspAdapter {
  /** Identifies the provider in routes, settings and reports: lower-case letters, digits and underscores. */
  readonly name: string;
  /** The settings that the adapter needs. If none is set, its webhook is off. If only some are set, presend does not start. */
  readonly settings: readonly [EspSettingName, ...EspSettingName[]];
  /** The format of the provider's signing keys, if it has a fixed one. presend does not start if a key has another format. */
  readonly signingKey?: KeyFormat;
  /** Maximum size of a request body in bytes; 4 MiB by default. */
  readonly maxBytes?: number;
  /**
   * The provider sends events in the query of a GET request. The query then is the body of the `WebhookRequest`; the fields of a
   * POST request follow it.
   */
  readonly readsQuery?: true;
  /**
   * Creates a request as the provider sends it about one hard bounce of `sampleRecipient`, signed with the settings. `now` is
   * epoch milliseconds.
   */
  sample(secrets: EspSecrets, now: number): SampleRequest | Promise<SampleRequest>;
  /**
   * Returns the fields, as JSON, with which the provider expects its check of the URL to be answered; null for every other
   * request. The request is not verified: some providers check the URL without the secret. So the answer may contain only what
   * the request contains, and the work must not grow with the request.
   */
  handshake?(request: WebhookRequest): Readonly<Record<string, string>> | null;
  /** Decides whether the provider sent this request. Must not do costly work before a signature or secret has matched. */
  verify(
    request: WebhookRequest,
    secrets: EspSecrets,
    certificates: CertificateSource,
  ): Promise<Verification>;
  /** Reads the events in the request. Never throws. An event whose name the adapter does not know has the meaning `unknown`. */
  parse(request: WebhookRequest): ParsedWebhook;
}
