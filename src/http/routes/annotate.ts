// POST /v1/annotate: takes records of a CRM or another tool, and returns the verdict on the address of each as flat fields.

import { Hono } from 'hono';
import * as v from 'valibot';
import { type Annotation, annotate } from '../../crm/annotation.ts';
import { at, text } from '../../webhooks/json.ts';
import { maxBatch, momentField, nullableMoment, nullableString, shareField, tooMany } from '../fields.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { type BodyVariables, reserveBatch } from '../middleware/body.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { callCost } from '../middleware/limits.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { reasonField } from './validate.ts';

const Id = v.pipe(
  v.unknown(),
  v.description('The id of the record, returned as it was sent; null if the record has none.'),
);

const Records = v.pipe(
  v.array(v.unknown()),
  v.maxLength(maxBatch, tooMany),
  v.description(
    'Objects with an `id` and an address. A record without an address gets `presend_result: "no_address"`.',
  ),
);

const field = v.pipe(
  v.string(),
  v.maxLength(200, 'must be at most 200 characters long'),
  v.description('The path of the address in a record, with dots between names; `email` by default.'),
  v.examples(['properties.email']),
);

export const AnnotateRequest = v.union(
  [
    v.object({ records: Records, field: v.optional(field) }),
    Records,
    v.intersect([
      // An array or an object with `records` that does not match the schemas above is an invalid batch. Reject it here, so it
      // is not mistaken for a single record without an address.
      v.pipe(
        v.custom<object>((one) => !Array.isArray(one) && !Object.hasOwn(Object(one), 'records')),
        v.metadata({ type: 'object', not: { properties: { records: {} }, required: ['records'] } }),
      ),
      v.looseObject({ id: v.optional(Id), email: v.optional(v.unknown()) }),
    ]),
  ],
  'must be {"records": [{"id": …, "email": "…"}]}, an array of records, or one record',
);

export const AnnotationAnswer = v.object({
  id: Id,
  presend_result: v.pipe(
    v.picklist(['deliverable', 'risky', 'undeliverable', 'unknown', 'no_address']),
    v.description('The `result` of the verdict, or "no_address" if the record has no address.'),
  ),
  presend_reason: v.union([reasonField, v.literal('no_address')]),
  presend_action: v.nullable(v.picklist(['accept', 'confirm', 'reject', 'retry'])),
  presend_message: v.pipe(v.string(), v.description('The reason in one sentence, for display.')),
  presend_did_you_mean: nullableString,
  presend_bounce_class: v.nullable(v.picklist(['hard', 'soft'])),
  presend_bounce_status: nullableString,
  presend_bounce_probability: v.nullable(shareField),
  presend_disposable: v.nullable(v.boolean()),
  presend_relay: v.nullable(v.boolean()),
  presend_role: v.nullable(v.boolean()),
  presend_free: v.nullable(v.boolean()),
  presend_provider: nullableString,
  presend_checked_at: momentField,
  presend_expires_at: nullableMoment,
});

export const AnnotateAnswer = v.pipe(
  v.union([v.object({ records: v.array(AnnotationAnswer) }), v.array(AnnotationAnswer), AnnotationAnswer]),
  v.description('Has the same form as the request: an object with `records`, an array, or one record.'),
);

export const annotateResource: Resource = {
  tag: 'CRM records',
  about: 'Verdicts as flat fields, for tools that map fields to columns.',
  schemas: { AnnotateRequest, AnnotationAnswer, AnnotateAnswer },
  operations: {
    'POST /v1/annotate': {
      scope: 'validate',
      id: 'annotate',
      summary: `Get verdict fields for up to ${maxBatch} records`,
      description:
        'Validates the address in each record and returns the verdict as flat fields, for Zapier, Make, Airtable, Segment, Salesforce Flow and other tools that map fields to columns.',
      request: AnnotateRequest,
      example: { records: [{ id: 17, properties: { email: 'jane@gmial.com' } }], field: 'properties.email' },
      answers: { 200: ['One annotation per record, in order.', AnnotateAnswer], ...badBody },
    },
  },
};

/** Maximum bytes of the body: enough for 1,000 records with all the fields that a CRM sends. */
const maxAnnotateBytes = 4 * 1024 * 1024;

export const annotateRoutes = ({ validator, now }: Pick<HttpPorts, 'validator' | 'now'>) => {
  const app = new Hono<{ Variables: CallerVariables & BodyVariables }>();

  async function annotated(records: readonly unknown[], field = 'email') {
    const path = field.split('.');
    const emails = records.map((record) => emailIn(at(record, ...path)));
    const asked = emails.filter((email) => email !== null).map((email) => ({ email }));
    const { verdicts } = await validator.validateBatch(asked);
    return annotate(emails, verdicts, now()).map((annotation, index) => withId(records[index], annotation));
  }

  return app.post('/annotate', jsonBody(maxAnnotateBytes, AnnotateRequest), async (c) => {
    const body: unknown = c.req.valid('json');
    const records = Array.isArray(body) ? body : at(body, 'records');
    const rows = Array.isArray(records) ? records.length : 1;
    const tooMany = await c.get('spend')(rows - callCost);
    if (tooMany !== null) return tooMany;
    const busy = reserveBatch(c, rows);
    if (busy !== null) return busy;
    if (Array.isArray(body)) return c.json(await annotated(body), 200);
    const field = text(at(body, 'field')) ?? undefined;
    return Array.isArray(records)
      ? c.json({ records: await annotated(records, field) }, 200)
      : c.json((await annotated([body], field))[0]!, 200);
  });
};

/** Returns the address in a field's value; null if the value is not a string or is empty. */
const emailIn = (value: unknown): string | null => (typeof value === 'string' ? text(value) : null);

const withId = (record: unknown, annotation: Annotation) => ({ id: at(record, 'id') ?? null, ...annotation });
