// HubSpot custom workflow actions. Each request has one record, and the workflow continues with the fields of the answer.
//
// Secret: SIGNING_KEYS, the app's client secret. The address is in the input field `email`, or in the property `email` of
// the enrolled object if the definition of the action requests it.
// https://developers.hubspot.com/docs/api-reference/latest/automation/workflow-actions/custom-action-reference
// Verified there: callbackId, origin, object, inputFields; outputFields and hs_execution_state; that a 429 is retried
// after Retry-After in MILLISECONDS, unlike RFC 9110. Not verified: where the properties of the object are, and that
// HubSpot waits longer for actions than for webhooks.

import { at, firstText, isRecord, parseJson, text, textOf } from '../webhooks/json.ts';
import type { Annotation } from './annotation.ts';
import type { CrmAdapter, HookReply, ParsedHook } from './crm-adapter.ts';
import { verifyV3OrV2 } from './hubspot-signature.ts';

const json = { 'content-type': 'application/json' };

export const hubspotAction: CrmAdapter = {
  name: 'hubspot_action',
  settings: ['SIGNING_KEYS', 'WEBHOOK_URL'],
  answerWithinMs: 4500,
  maxBytes: 256 * 1024,
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
 * The fields of the annotation as strings, without empty ones, and the state of the workflow step. If the record has no
 * address, the step fails and the workflow continues.
 */
function outputFieldsOf(annotation: Annotation): Record<string, string> {
  const fields = Object.entries(annotation).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]],
  );
  const state = annotation.presend_result === 'no_address' ? 'FAIL_CONTINUE' : 'SUCCESS';
  return { ...Object.fromEntries(fields), hs_execution_state: state };
}
