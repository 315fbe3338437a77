// The API of annotation: POST /v1/annotate, flat fields for records of any tool.

import * as v from 'valibot';
import { maxBatch, nullableString, tooMany } from './fields.ts';
import { type Area, badBody } from './operation.ts';
import { Reason } from './verdicts.ts';

const Id = v.pipe(v.unknown(), v.description('Comes back as it was sent; null where there was none.'));

const Records = v.pipe(
  v.array(v.unknown()),
  v.maxLength(maxBatch, tooMany),
  v.description(
    'Each is an object with an `id` and an address. What has no address, or is no object, is answered with ' +
      '`presend_result: "no_address"`.',
  ),
);

const field = v.pipe(
  v.string(),
  v.maxLength(200, 'Expected at most 200 characters.'),
  v.description('Where in a record the address stands, as names with dots between them; `email` if absent.'),
  v.examples(['properties.email']),
);

export const AnnotateRequest = v.union(
  [
    v.object({ records: Records, field: v.optional(field) }),
    Records,
    v.intersect([
      // Many records that are not of a form above are not to be taken for one without an address.
      v.custom<object>((one) => !Array.isArray(one) && !Object.hasOwn(Object(one), 'records')),
      v.looseObject({ id: v.optional(Id), email: v.optional(v.unknown()) }),
    ]),
  ],
  'Expected {"records": [{"id": …, "email": "…"}]}, an array of records, or one record.',
);

export const AnnotationAnswer = v.object({
  id: Id,
  presend_result: v.pipe(
    v.picklist(['deliverable', 'risky', 'undeliverable', 'unknown', 'no_address']),
    v.description('As in a verdict; "no_address" where the record has none.'),
  ),
  presend_reason: v.union([Reason, v.literal('no_address')]),
  presend_action: v.nullable(v.picklist(['accept', 'confirm', 'reject', 'retry'])),
  presend_message: v.pipe(v.string(), v.description('One sentence for a person.')),
  presend_did_you_mean: nullableString,
  presend_bounce_class: v.nullable(v.picklist(['hard', 'soft'])),
  presend_bounce_status: nullableString,
  presend_bounce_probability: v.nullable(v.number()),
  presend_disposable: v.nullable(v.boolean()),
  presend_relay: v.nullable(v.boolean()),
  presend_role: v.nullable(v.boolean()),
  presend_free: v.nullable(v.boolean()),
  presend_provider: nullableString,
  presend_checked_at: v.string(),
  presend_expires_at: nullableString,
});

export const AnnotateAnswer = v.pipe(
  v.union([v.object({ records: v.array(AnnotationAnswer) }), v.array(AnnotationAnswer), AnnotationAnswer]),
  v.description(
    'In the form in which it was asked: records for records, an array for an array, one for one.',
  ),
);

export const annotate: Area = {
  tag: 'Records of a CRM',
  schemas: { AnnotateRequest, AnnotationAnswer, AnnotateAnswer },
  operations: {
    'POST /v1/annotate': {
      id: 'annotate',
      summary: `Flat fields for one record or up to ${maxBatch}`,
      description:
        'For Zapier, Make, Airtable, Segment, Salesforce Flow and whatever maps fields to columns.',
      request: AnnotateRequest,
      example: { records: [{ id: 17, properties: { email: 'jane@gmial.com' } }], field: 'properties.email' },
      answers: { 200: ['One answer for each record, in order.', AnnotateAnswer], ...badBody },
    },
  },
};
