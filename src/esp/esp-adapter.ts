// The port of an email service provider (ESP): verify a webhook request, then read the events in it.

import type { VendorReport } from '../events/vendor-event.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import type { KeyFormat } from '../webhooks/key-format.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { Verification } from '../webhooks/verification.ts';

/**
 * The settings of one provider: `ESP_<PROVIDER>_SIGNING_KEYS` and so on. The comment at the top of each adapter
 * lists those it needs.
 */
export interface EspSecrets {
  /** Keys that verify signatures; several during a rotation. */
  readonly signingKeys?: readonly string[];
  /** Secrets that the provider sends as an HTTP Basic password, a Bearer token, or X-Webhook-Token. */
  readonly sharedSecrets?: readonly string[];
  /** The webhook URL exactly as configured at the provider, if the signature covers it. */
  readonly webhookUrl?: string;
  /** ARNs of the Amazon SNS topics that may publish. */
  readonly topics?: readonly string[];
}

export type EspSettingName = 'SIGNING_KEYS' | 'SHARED_SECRETS' | 'WEBHOOK_URL' | 'TOPICS';

export type ParsedWebhook =
  | { readonly kind: 'reports'; readonly reports: readonly VendorReport[] }
  /** The provider wants a GET of this URL before it sends events. The adapter has checked the host. */
  | { readonly kind: 'confirmation'; readonly url: string }
  | { readonly kind: 'malformed' };

export interface EspAdapter {
  /** The slug in routes, settings and reports: lower case, digits and underscores. */
  readonly name: string;
  /** The settings that the adapter needs. Its webhook is off until all of them are set. */
  readonly settings: readonly [EspSettingName, ...EspSettingName[]];
  /** The format of a signing key, if it has a fixed one. presend does not start with a key of another format. */
  readonly signingKey?: KeyFormat;
  /** The largest accepted body, in bytes; 4 MiB if absent. */
  readonly maxBytes?: number;
  /** Whether the provider sent this request. Must do no costly work before a signature or secret has matched. */
  verify(
    request: WebhookRequest,
    secrets: EspSecrets,
    certificates: CertificateSource,
  ): Promise<Verification>;
  /** Reads the request. Never throws, whatever the body; an unknown event has the meaning `unknown`. */
  parse(request: WebhookRequest): ParsedWebhook;
}
