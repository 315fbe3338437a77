// Azure Communication Services: delivery reports and engagement, which Azure Event Grid delivers in batches (Event Grid schema).
//
// Secrets: `sharedSecrets`. Event Grid does not sign its requests. Add the secret to the event subscription as a delivery property:
// a header X-Webhook-Token. Before it sends events, Event Grid sends a validation event, and expects its code back. That request is
// answered without the secret, because whoever subscribes the URL does not get events recorded by it.
// https://learn.microsoft.com/en-us/azure/event-grid/communication-services-email-events
// https://learn.microsoft.com/en-us/azure/event-grid/end-point-validation-event-grid-events-schema
// https://learn.microsoft.com/en-us/azure/event-grid/delivery-properties

import {
  clicked,
  delivered,
  echo,
  hard,
  type Meaning,
  meaningOf,
  opened,
  policy,
  sent,
  soft,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { address, at, firstText, fromIso, parseJson, text, textOf } from '../webhooks/json.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import { verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const deliveryReport = 'Microsoft.Communication.EmailDeliveryReportReceived';
const engagementReport = 'Microsoft.Communication.EmailEngagementTrackingReportReceived';
const validation = 'Microsoft.EventGrid.SubscriptionValidationEvent';

/** Meanings of delivery reports, keyed by `status` in lower case. */
const statuses: Readonly<Record<string, Meaning>> = {
  delivered,
  bounced: hard('unknown'),
  // An earlier hard bounce, or a suppression list that the sender manages.
  suppressed: echo,
  filteredspam: policy('spam_content'),
  quarantined: policy('spam_content'),
  // The message went to a distribution group. Its members get reports of their own.
  expanded: sent,
  failed: soft('unknown'),
};

/** Meanings of engagement reports, keyed by `engagementType` in lower case. */
const engagements: Readonly<Record<string, Meaning>> = { view: opened, click: clicked };

export const azureCommunication: EspAdapter = {
  name: 'azure_communication',
  settings: ['SHARED_SECRETS'],
  sample: ({ sharedSecrets }, now) =>
    secretSample(sharedSecrets, [
      {
        id: `sample-${now}`,
        eventType: deliveryReport,
        eventTime: new Date(now).toISOString(),
        data: { recipient: sampleRecipient, messageId: `sample-${now}`, status: 'Bounced' },
      },
    ]),
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),

  handshake(request) {
    if (request.body.length > maxHandshakeBytes) return null;
    const event = at(parseJson(textOf(request.body)), 0);
    const code = text(at(event, 'data', 'validationCode'));
    return at(event, 'eventType') === validation && code !== null ? { validationResponse: code } : null;
  },

  parse(request): ParsedWebhook {
    const body = parseJson(textOf(request.body));
    if (!Array.isArray(body)) return { kind: 'malformed' };
    return {
      kind: 'reports',
      // Skip the events of other subscriptions to the same URL, such as those about SMS.
      reports: body.filter((event) => isReport(at(event, 'eventType'))).map(report),
    };
  },
};

/** Maximum size of a request that validates the URL. It has one event. */
const maxHandshakeBytes = 16 * 1024;

const isReport = (type: unknown) => type === deliveryReport || type === engagementReport;

function report(event: unknown): VendorReport {
  const data = at(event, 'data');
  const word = firstText(at(data, 'status'), at(data, 'engagementType'));
  const isDelivery = at(event, 'eventType') === deliveryReport;
  const recipient = address(at(data, 'recipient'));
  const messageId = text(at(data, 'messageId'));
  const time = firstText(
    at(data, 'deliveryAttemptTimestamp'),
    at(data, 'deliveryAttemptTimeStamp'),
    at(data, 'userActionTimestamp'),
    at(data, 'userActionTimeStamp'),
    at(event, 'eventTime'),
  );
  const id = text(at(event, 'id'));
  return {
    key: id === null ? [word, messageId, recipient, time] : [id],
    label: word ?? '',
    meaning: meaningOf(isDelivery ? statuses : engagements, word?.toLowerCase() ?? null),
    recipient,
    at: fromIso(time),
    reply: text(at(data, 'deliveryStatusDetails', 'statusMessage')),
    note: null,
    messageId,
    campaign: null,
    source: null,
    client: { userAgent: text(at(data, 'userAgent')) },
  };
}
