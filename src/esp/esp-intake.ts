// Takes in webhook requests of email service providers: verifies each, reads its events and records them.

import type { Feedback } from '../events/record.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { EspSecrets } from './esp-adapter.ts';
import { espAdapterNamed } from './esp-registry.ts';
import { receiveWebhook, type WebhookOutcome } from './receive-webhook.ts';

/** What became of a webhook request. It contains only plain values, so it can come from another thread. */
export type IntakeOutcome = Exclude<WebhookOutcome, { readonly kind: 'events' }> | RecordedWebhook;

export interface RecordedWebhook {
  readonly kind: 'recorded';
  /** Number of events in the request. */
  readonly events: number;
  /** Number of events that had not been recorded before. */
  readonly recorded: number;
  /** Number of newly recorded events that suppress their recipient. */
  readonly suppressed: number;
  /** The provider's names of events that the adapter does not know, with repetitions. */
  readonly unknown: readonly string[];
}

export interface EspIntake {
  /** `provider` is the name of an adapter whose secrets are configured. When the promise resolves, all events are stored. */
  receive(provider: string, request: WebhookRequest): Promise<IntakeOutcome>;
}

export const createEspIntake = ({
  feedback,
  espSecrets,
  certificates,
}: {
  readonly feedback: Feedback;
  readonly espSecrets: ReadonlyMap<string, EspSecrets>;
  readonly certificates: CertificateSource;
}): EspIntake => ({
  async receive(provider, request) {
    const adapter = espAdapterNamed(provider);
    const secrets = espSecrets.get(provider);
    if (adapter === undefined || secrets === undefined) throw new Error(`${provider} is not configured`);
    const outcome = await receiveWebhook(adapter, request, secrets, certificates);
    if (outcome.kind !== 'events') return outcome;
    const recorded = await feedback.record(outcome.events);
    return {
      kind: 'recorded',
      events: recorded.length,
      recorded: recorded.filter(({ isNew }) => isNew).length,
      suppressed: recorded.filter(({ suppresses }) => suppresses).length,
      unknown: outcome.events.filter(({ kind }) => kind === 'unknown').map(({ label }) => label),
    };
  },
});
