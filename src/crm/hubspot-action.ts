// HubSpot custom workflow actions. Each request has one record, and later steps of the workflow can use the fields of the
// answer.
//
// Secret: SIGNING_KEYS, the app's client secret. The address is in the input field `email`, or in the property `email` of
// the enrolled object if the definition of the action requests it.
// https://developers.hubspot.com/docs/api-reference/latest/automation/workflow-actions/custom-action-reference
// Confirmed by that page: callbackId, origin, object and inputFields in the request; outputFields and hs_execution_state in
// the answer; that HubSpot retries after a 429, and reads Retry-After as MILLISECONDS, unlike RFC 9110. Assumed, not
// confirmed: where the request has the properties of the object, and that HubSpot waits 5 seconds, as it does for webhooks.

import { at, firstText, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import { sampleRecipient } from '../webhooks/sample-request.ts';
import type { Annotation } from './annotation.ts';
import type { CrmAdapter, HookReply, ParsedHook } from './crm-adapter.ts';
import { v3Sample, verifyV3OrV2 } from './hubspot-signature.ts';

const json = { 'content-type': 'application/json' };

export const hubspotAction: CrmAdapter = {
  name: 'hubspot_action',
  settings: ['SIGNING_KEYS', 'WEBHOOK_URL'],
  answerWithinMs: 4500,
  maxBytes: 256 * 1024,
  sample: (settings, to) =>
    v3Sample(settings, to, {
      callbackId: `sample-${to.now}`,
      origin: { portalId: 1, actionDefinitionId: 1 },
      object: { objectId: 1, objectType: 'CONTACT' },
      inputFields: { email: sampleRecipient },
    }),
  verify: verifyV3OrV2,
  parse(request): ParsedHook {
    const body = parseJson(textOf(request.body));
    if (!isRecord(body)) return { kind: 'malformed' };
    return {
      kind: 'records',
      records: [
        {
          id: text(at(body, 'object', 'objectId')) ?? '',
          email: firstText(at(body, 'inputFields', 'email'), at(body, 'object', 'properties', 'email')),
          event: text(at(body, 'callbackId')),
        },
      ],
    };
  },
  reply(outcome): HookReply {
    if (outcome.kind === 'later')
      return { status: 429, headers: { ...json, 'retry-after': String(outcome.afterMs) }, body: '{}' };
    const outputFields = outcome.records.map(({ annotation }) => outputFieldsOf(annotation))[0];
    return { status: 200, headers: json, body: JSON.stringify({ outputFields }) };
  },
};

/**
 * Returns the fields of the annotation that are not null, as strings, and the state of the workflow step. If the record has
 * no address, the step fails and the workflow continues.
 */
function outputFieldsOf(annotation: Annotation): Record<string, string> {
  const fields = Object.entries(annotation).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]],
  );
  const state = annotation.presend_result === 'no_address' ? 'FAIL_CONTINUE' : 'SUCCESS';
  return { ...Object.fromEntries(fields), hs_execution_state: state };
}
