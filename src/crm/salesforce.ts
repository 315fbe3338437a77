// Salesforce Outbound Messages: up to 100 records per request, in SOAP.
//
// Secret: SHARED_SECRETS. Salesforce does not sign requests. It sends a client certificate, but only a TLS proxy in front of
// presend can check that. The secret is in the query of the endpoint URL, `?secret=…`, or the proxy adds it as a header.
// ORGANIZATIONS lists the allowed organizations. EMAIL_FIELD names the field with the address, `Email` by default.
// Salesforce retries an unacknowledged message for 24 hours, and may send an acknowledged one twice.
// https://developer.salesforce.com/docs/platform/api/guide/sforce-api-om-outboundmessaging-wsdl.html
// Confirmed by that page and by published samples: the elements and their namespaces, at most 100 notifications per message,
// and the reply with `Ack`.
//
// A message contains a SessionId, with which anyone can act as a Salesforce user. This module never reads it.

import type { XmlElement } from '@rgrove/parse-xml';
import { text, textOf } from '../webhooks/json.ts';
import { querySample, sampleRecipient } from '../webhooks/sample-request.ts';
import { refuse, type Verification } from '../webhooks/verification.ts';
import type { CrmAdapter, CrmRecord, HookReply, HookRequest, ParsedHook } from './crm-adapter.ts';
import { verifyUrlSecret } from './url-secret.ts';

const maxNotifications = 100;

const acknowledgement = (ack: boolean) =>
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  `<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>${ack}</Ack></notificationsResponse>` +
  '</soapenv:Body></soapenv:Envelope>';

const xml = { 'content-type': 'text/xml; charset=utf-8' };

export const salesforce: CrmAdapter = {
  name: 'salesforce',
  settings: ['SHARED_SECRETS', 'ORGANIZATIONS', 'EMAIL_FIELD'],
  answerWithinMs: 8000,
  maxBytes: 2 * 1024 * 1024,
  sample: ({ sharedSecrets, organizations, emailField }, { now }) =>
    querySample(sharedSecrets, {
      headers: xml,
      body: sampleMessage(organizations[0] ?? '00D000000000000AAA', emailField ?? 'Email', now),
    }),

  async verify(request, { sharedSecrets, organizations }): Promise<Verification> {
    const verification = await verifyUrlSecret(request, sharedSecrets);
    if (verification.kind !== 'verified' || organizations.length === 0) return verification;
    const message = await notificationsIn(request);
    const organization = message && textIn(child(message, 'OrganizationId'));
    return organization && organizations.includes(organization) ? verification : refuse('topic_not_allowed');
  },

  async parse(request, { emailField }): Promise<ParsedHook> {
    const message = await notificationsIn(request);
    if (message === null) return { kind: 'malformed' };
    const notifications = children(message, 'Notification');
    if (notifications.length > maxNotifications) return { kind: 'malformed' };
    return {
      kind: 'records',
      records: notifications.flatMap((notification) => recordOf(notification, emailField ?? 'Email')),
    };
  },

  reply(outcome): HookReply {
    if (outcome.kind === 'annotated') return { status: 200, headers: xml, body: acknowledgement(true) };
    const retryAfter = String(Math.ceil(outcome.afterMs / 1000));
    return { status: 503, headers: { ...xml, 'retry-after': retryAfter }, body: acknowledgement(false) };
  },
};

const sampleMessage = (organization: string, field: string, now: number): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${organization}</OrganizationId>
   <Notification>
    <Id>sample-${now}</Id>
    <sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>003000000000000AAA</sf:Id>
     <sf:${field}>${sampleRecipient}</sf:${field}>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;

/** The `notifications` element of the SOAP body, or null if the request is anything else. */
async function notificationsIn(request: HookRequest): Promise<XmlElement | null> {
  const body = textOf(request.body);
  // SOAP forbids a DOCTYPE (SOAP 1.1 section 3), and a DOCTYPE could define entities.
  if (body === null || body.includes('<!DOCTYPE')) return null;
  // Imported only here, because most services have no Salesforce.
  const { parseXml } = await import('@rgrove/parse-xml');
  try {
    const { root } = parseXml(body);
    const envelope = root !== null && localName(root) === 'Envelope' ? root : null;
    const soapBody = envelope && child(envelope, 'Body');
    return soapBody && child(soapBody, 'notifications');
  } catch {
    // The XML is not well-formed, or its nesting overflows the stack.
    return null;
  }
}

function recordOf(notification: XmlElement, emailField: string): CrmRecord[] {
  const object = child(notification, 'sObject');
  const id = object && textIn(child(object, 'Id'));
  if (object === null || id === null) return [];
  return [{ id, email: textIn(child(object, emailField)), event: textIn(child(notification, 'Id')) }];
}

const localName = ({ name }: XmlElement): string => name.slice(name.indexOf(':') + 1);

const children = (element: XmlElement, name: string): XmlElement[] =>
  element.children.filter(
    (node): node is XmlElement => node.type === 'element' && localName(node as XmlElement) === name,
  );

const child = (element: XmlElement, name: string): XmlElement | null => children(element, name)[0] ?? null;

const textIn = (element: XmlElement | null): string | null => text(element?.text);
