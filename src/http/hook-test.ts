// Reads a sample webhook request as its hook would, without recording anything.

import type { CrmAdapter, CrmSettings, HookRequest } from '../crm/crm-adapter.ts';
import type { EspAdapter, EspSecrets } from '../esp/esp-adapter.ts';
import { readWebhook } from '../esp/receive-webhook.ts';
import type { DeliveryEvent } from '../events/delivery-event.ts';
import { suppressesAtOnce } from '../events/recipient-event.ts';
import { deliveryEventsOf } from '../events/vendor-event.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import type { CertificateSource } from '../webhooks/certificates.ts';
import { address } from '../webhooks/json.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { Verification } from '../webhooks/verification.ts';

/** One event of the sample. Contains no address. */
export interface TestedEvent {
  readonly kind: string;
  readonly label: string | null;
  readonly class: string | null;
  readonly reason: string | null;
  readonly status: string | null;
  readonly list: string | null;
  readonly names_recipient: boolean;
  readonly suppresses: boolean;
}

export interface HookTest {
  /** `verified`, `not_configured`, `unavailable`, or why the hook would refuse the request. */
  readonly verification: string;
  readonly format: 'events' | 'confirmation' | 'malformed';
  readonly events: readonly TestedEvent[];
}

/** `secrets` is undefined if the hook is not configured. */
export async function testEsp(
  adapter: EspAdapter,
  request: WebhookRequest,
  secrets: EspSecrets | undefined,
  certificates: CertificateSource,
): Promise<HookTest> {
  const verification =
    secrets === undefined ? 'not_configured' : wordOf(await adapter.verify(request, secrets, certificates));
  const read = await readWebhook(adapter, request);
  if (read.kind !== 'events')
    return { verification, format: read.kind === 'confirmation' ? read.kind : 'malformed', events: [] };
  return { verification, format: 'events', events: read.events.map(testedEvent) };
}

/** The settings of a CRM that is not configured. */
export const noCrmSettings: CrmSettings = {
  signingKeys: [],
  sharedSecrets: [],
  webhookUrl: null,
  organizations: [],
  emailField: null,
  apiToken: null,
  writeBack: false,
};

/** `settings` is undefined if the hook is not configured. Calls no API of the vendor, so an address may be missing. */
export async function testCrm(
  adapter: CrmAdapter,
  request: HookRequest,
  settings: CrmSettings | undefined,
): Promise<HookTest> {
  const verification =
    settings === undefined ? 'not_configured' : wordOf(await adapter.verify(request, settings));
  const parsed = await adapter.parse(request, settings ?? noCrmSettings);
  if (parsed.kind === 'malformed') return { verification, format: 'malformed', events: [] };
  const events = parsed.records.map(async ({ id, email, event, signal }): Promise<TestedEvent> => {
    if (signal === undefined) return { ...contact, names_recipient: isNamed(email) };
    const report = { ...signal, key: [event, id], recipient: address(email), note: null, source: null };
    return testedEvent(deliveryEventsOf(adapter.name, [report])[0]!);
  });
  return { verification, format: 'events', events: await Promise.all(events) };
}

const contact = {
  kind: 'contact',
  label: null,
  class: null,
  reason: null,
  status: null,
  list: null,
  suppresses: false,
} as const;

const wordOf = (verification: Verification): string =>
  verification.kind === 'refused' ? verification.why : verification.kind;

const isNamed = (recipient: string | null): boolean =>
  recipient !== null && recipientAddress(recipient) !== null;

const testedEvent = (event: DeliveryEvent): TestedEvent => ({
  kind: event.kind,
  label: event.label,
  class: event.class,
  reason: event.reason,
  status: event.status,
  list: event.list?.includes('@') ? null : (event.list ?? null),
  names_recipient: isNamed(event.recipient),
  suppresses: isNamed(event.recipient) && suppressesAtOnce(event),
});
