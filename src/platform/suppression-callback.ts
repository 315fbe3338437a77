// Sends the changes of the suppression list: signed webhooks to SUPPRESSION_WEBHOOK_URL.

import { type ChangeWebhookPorts, deliverChanges, type SuppressionOutbox } from '../events/change-webhook.ts';
import { retryWaitsMs } from '../jobs/callbacks.ts';
import type { DeliveryPorts } from '../webhooks/delivery.ts';
import { describedError } from './described-error.ts';
import type { LogFields } from './log-messages.ts';

/** Returns what sends one message that is due, and resolves to false if none is; null if nobody is told about changes. */
export function suppressionCallback(
  outbox: SuppressionOutbox,
  url: string | null,
  signed: DeliveryPorts | null,
  log: (line: LogFields) => void,
): (() => Promise<boolean>) | null {
  const ports: ChangeWebhookPorts | null =
    url === null || signed === null
      ? null
      : {
          ...signed,
          outbox,
          url,
          newId: () => `sup_${crypto.randomUUID()}`,
          retryWaitsMs,
          onGivenUp: (message) => log({ level: 'error', event: 'suppression_webhook_given_up', ...message }),
        };
  outbox
    .keep(ports !== null)
    .catch((error: unknown) =>
      log({ level: 'error', event: 'suppression_webhook_failed', ...describedError(error) }),
    );
  return ports && (() => deliverChanges(ports));
}
