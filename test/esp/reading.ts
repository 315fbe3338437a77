// What a genuine request says, in the short form in which the tests of each provider state it.

import type { EspAdapter } from '../../src/esp/esp-adapter.ts';
import { readWebhook } from '../../src/esp/receive-webhook.ts';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { suppressesAtOnce } from '../../src/events/recipient-event.ts';
import type { WebhookRequest } from '../../src/webhooks/request.ts';
import { json } from './signing.ts';

/** The events of a request, which must be one that can be read. */
export async function eventsIn(
  adapter: EspAdapter,
  request: WebhookRequest,
): Promise<readonly DeliveryEvent[]> {
  const outcome = await readWebhook(adapter, request);
  if (outcome.kind !== 'events') throw new Error(`not events but ${outcome.kind}`);
  return outcome.events;
}

/** The only event of a JSON body. */
export async function eventIn(
  adapter: EspAdapter,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<DeliveryEvent> {
  const events = await eventsIn(adapter, json(body, headers));
  if (events.length !== 1) throw new Error(`not one event but ${events.length}`);
  return events[0]!;
}

/** Such as `bounce hard mailbox_unknown, suppressed`, or `rejected none suppressed_by_provider, echo`. */
export function inShort(event: DeliveryEvent): string {
  const words = [event.kind, event.class, event.reason].join(' ');
  return `${words}${event.echo ? ', echo' : ''}${suppressesAtOnce(event) ? ', suppressed' : ''}`;
}
