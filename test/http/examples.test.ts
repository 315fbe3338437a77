// The examples of the OpenAPI document are true: the service answers to the requests as they say, and sends such webhooks.

import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerExamples, problemExamples, webhookExamples } from '../../src/http/api-examples.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import {
  type ApiDocument,
  type DocumentedOperation,
  exampleRequest,
  operationsOf,
} from '../../src/http/pages/documented.ts';
import { resources } from '../../src/http/resources.ts';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { type ExampleRun, exampleSecret, playExamples } from './example-run.ts';

const document = openApiDocument(resources, '1.2.3') as ApiDocument;
const operations = operationsOf(document);

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'presend', components: document.components });

/** What is wrong with a value by a schema of the document. */
function faults(schema: object, value: unknown): unknown[] {
  const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"presend#/')) as object);
  return check(value) ? [] : check.errors!;
}

/** What must stay the same from one run to the next: everything but numbers and times, tokens and lists of hosts. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string')
    return value
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d{4}-\d\d-\d\d/g, 'TIME')
      .replaceAll(/\d+(\.\d+)?(e-?\d+)?/g, '0')
      .replaceAll(/vt0\.[\w.-]+/g, 'TOKEN');
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}

let run: ExampleRun;
beforeAll(async () => {
  run = await playExamples();
}, 60_000);

const hint = 'If the change is meant, run: npm run record-examples';

describe('the answers', () => {
  test('are those that the document has', () => {
    expect(shapeOf(run.answers), hint).toEqual(shapeOf(answerExamples));
  });

  test('match their schemas', () => {
    let compared = 0;
    for (const { operationId, responses } of operations)
      for (const [status, bodies] of Object.entries(run.answers[operationId] ?? {})) {
        const body = bodies['application/json'];
        if (body === undefined) continue;
        const { schema } = responses[status]!.content!['application/json']!;
        expect(faults(schema, body), `${operationId} ${status}`).toEqual([]);
        compared++;
      }
    expect(compared).toBeGreaterThan(35);
  });

  test('every operation that answers with JSON or a short text has an example in the document', () => {
    const without = operations.filter(({ responses }) => {
      const contents = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const bodies = contents.flatMap(([, { content = {} }]) => Object.entries(content));
      const shown = bodies.filter(([type]) => type !== 'text/html');
      return shown.length > 0 && shown.every(([, { example }]) => example === undefined);
    });
    expect(without.map(({ operationId }) => operationId)).toEqual([]);
  });

  test('every operation that a key may call has an example of its request', () => {
    const without = operations.filter(
      (operation) => operation.security.length > 0 && exampleRequest(operation) === null,
    );
    expect(without.map(({ operationId }) => operationId)).toEqual([]);
  });
});

describe('the problems', () => {
  test('are those that the document has, and match the schema', () => {
    expect(shapeOf(run.problems), hint).toEqual(shapeOf(problemExamples));
    for (const problem of Object.values(run.problems))
      expect(faults(document.components.schemas['ProblemAnswer']!, problem)).toEqual([]);
    expect(Object.keys(run.problems).length).toBeGreaterThan(20);
  });

  test('an operation names every type of problem that it answered with', () => {
    const statuses = new Map<string, string[]>();
    for (const { responses } of operations)
      for (const [status, response] of Object.entries(responses))
        for (const type of response['x-problem-types'] ?? [])
          statuses.set(type, [...(statuses.get(type) ?? []), status]);
    for (const [type, body] of Object.entries(run.problems))
      expect(statuses.get(type), type).toContain(String((body as { status: number }).status));
  });
});

describe('the webhooks', () => {
  const webhooks = Object.entries(document.webhooks).map(([type, { post }]) => ({ type, post }));
  const schemaOf = ({ requestBody }: DocumentedOperation) => requestBody!.content['application/json']!.schema;

  test('are those that the document has', () => {
    expect(shapeOf(run.webhooks), hint).toEqual(shapeOf(webhookExamples));
    expect(Object.keys(run.webhooks).toSorted()).toEqual(webhooks.map(({ type }) => type).toSorted());
  });

  test.each(webhooks)('$type matches its schema and no other, and is signed', async ({ type, post }) => {
    const body = run.webhooks[type];
    expect(faults(schemaOf(post), body)).toEqual([]);
    for (const other of webhooks)
      if (other.type !== type) expect(faults(schemaOf(other.post), body), other.type).not.toEqual([]);
    const { body: sent, ...headers } = run.webhookHeaders[type]!;
    const id = String(headers['webhook-id']);
    const at = Number(headers['webhook-timestamp']) * 1000;
    expect(headers).toMatchObject(
      await webhookHeaders(webhookSecret(exampleSecret)!, { id, at, body: String(sent) }),
    );
    for (const { name, schema } of post.parameters!) {
      const value = schema.type === 'integer' ? Number(headers[name]) : headers[name];
      expect(faults(schema, value), name).toEqual([]);
    }
  });

  test('the callback of an upload is one of those of jobs', () => {
    const { callbacks } = operations.find(({ operationId }) => operationId === 'createJob') as unknown as {
      callbacks: Record<string, Record<string, { post: DocumentedOperation }>>;
    };
    const { post } = callbacks['createJobCallback']!['{$request.query.callback_url}']!;
    for (const type of ['job.completed', 'job.failed', 'list.reverified'])
      expect(faults(schemaOf(post), run.webhooks[type]), type).toEqual([]);
    expect(faults(schemaOf(post), run.webhooks['drift.found'])).not.toEqual([]);
  });
});
