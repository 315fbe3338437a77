// POST /v1/annotate.

import { Hono } from 'hono';
import { type Annotation, annotate } from '../../crm/annotation.ts';
import { at, text } from '../../webhooks/json.ts';
import { AnnotateRequest } from '../api/annotate.ts';
import type { CallerVariables } from '../auth.ts';
import { jsonBody } from '../json-body.ts';
import { callCost } from '../limits.ts';
import type { HttpPorts } from '../ports.ts';

/** Room for 1,000 records with all the fields that a CRM keeps. */
const maxAnnotateBytes = 4 * 1024 * 1024;

export const annotateRoutes = ({ validator, now }: Pick<HttpPorts, 'validator' | 'now'>) => {
  const app = new Hono<{ Variables: CallerVariables }>();

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
    const tooMany = await c.get('spend')((Array.isArray(records) ? records.length : 1) - callCost);
    if (tooMany !== null) return tooMany;
    if (Array.isArray(body)) return c.json(await annotated(body), 200);
    const field = text(at(body, 'field')) ?? undefined;
    return Array.isArray(records)
      ? c.json({ records: await annotated(records, field) }, 200)
      : c.json((await annotated([body], field))[0]!, 200);
  });
};

/** An address is a text; a number or an object in its place is none. */
const emailIn = (value: unknown): string | null => (typeof value === 'string' ? text(value) : null);

const withId = (record: unknown, annotation: Annotation) => ({ id: at(record, 'id') ?? null, ...annotation });
