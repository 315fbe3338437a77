// The types of the client are those of the OpenAPI document.

import { readFileSync } from 'node:fs';
import { expect, expectTypeOf, test } from 'vitest';
import type { Client, RouteInput, RouteName, Routes, Schemas, Verdict } from '../../src/client/index.ts';
import type { Reason } from '../../src/signals/catalogue.ts';
import type { VerdictResponse } from '../../src/verdict/response.ts';
import { clientTypes, currentClientTypes } from '../../tools/client-types.ts';

test('src/client/routes.ts is what the document gives; else run npm run client-types', () => {
  const written = readFileSync(new URL('../../src/client/routes.ts', import.meta.url), 'utf8');
  expect(written === currentClientTypes()).toBe(true);
});

test('the verdict is that of the service', () => {
  expectTypeOf<VerdictResponse>().toExtend<Verdict>();
  expectTypeOf<Verdict['reason']>().toEqualTypeOf<Reason>();
});

test('request takes what the route needs, and gives what it answers', () => {
  // Compiled, not run.
  const calls = async (client: Client) => {
    expectTypeOf(await client.request('GET', '/v1/jobs')).toEqualTypeOf<Schemas['JobListAnswer']>();
    expectTypeOf(
      await client.request('GET', '/v1/jobs/{id}/rejects', { params: { id: 'job_1' } }),
    ).toEqualTypeOf<Response>();
    expectTypeOf(
      await client.request('DELETE', '/v1/keys/{id}', { params: { id: 'key_1' } }),
    ).toEqualTypeOf<undefined>();
    // @ts-expect-error The route needs the id.
    client.request('GET', '/v1/jobs/{id}');
    // @ts-expect-error The route needs a body.
    client.request('POST', '/v1/validate', {});
    // @ts-expect-error There is no such field.
    client.request('POST', '/v1/validate', { body: { mail: 'jane@example.com' } });
    // @ts-expect-error The path has no such method.
    client.request('DELETE', '/v1/validate');
    // @ts-expect-error There is no such purpose.
    client.validate('jane@example.com', { purpose: 'spam' });
  };
  expect(calls).toBeTypeOf('function');
  expectTypeOf<RouteInput<'GET /healthz'>>().toEqualTypeOf<Record<never, never>>();
  expectTypeOf<Exclude<RouteName, `${'GET' | 'POST' | 'DELETE'} /${string}`>>().toEqualTypeOf<never>();
});

test('every kind of schema has its type', () => {
  const document = {
    components: {
      schemas: {
        Every: {
          type: 'object',
          description: 'Ends */ early',
          required: ['a', 'b-c', 'list', 'counts', 'same'],
          properties: {
            a: { type: 'integer' },
            'b-c': { anyOf: [{ type: 'string' }, { type: 'null' }] },
            list: { type: 'array', items: { enum: ['x', 'y'] } },
            counts: { type: 'object', additionalProperties: { type: 'number' } },
            same: { $ref: '#/components/schemas/Every' },
            one: { const: true },
            several: { type: ['string', 'number'] },
            both: { allOf: [{}, { type: 'object', properties: {}, additionalProperties: true }] },
            any: {},
          },
        },
      },
    },
    paths: {
      '/v1/things/{id}': {
        get: {
          summary: 'Get a thing',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'by', in: 'query', schema: { enum: ['day'] } },
            { name: 'X', in: 'header', schema: { type: 'string' } },
          ],
          responses: {
            200: { content: { 'text/csv': {}, 'application/json': { schema: { type: 'boolean' } } } },
            204: {},
            404: { content: { 'application/problem+json': { schema: {} } } },
          },
        },
        post: {
          summary: 'Send a thing',
          requestBody: {
            content: {
              'application/json': { schema: { type: 'string' } },
              'text/csv': {},
              'multipart/form-data': {},
            },
          },
          responses: { 200: {} },
        },
      },
    },
  };
  const text = clientTypes(document);
  const plain = text
    .slice(text.indexOf('export interface Schemas'))
    .replace(/\/\*\*.*?\*\/(?!\/)/gs, '')
    .replace(/\s+/g, ' ');
  expect(text).toContain('Ends *\\/ early');
  expect(plain).toContain(
    "Every: { a: number; 'b-c': string | null; list: readonly ('x' | 'y')[]; counts: Record<string, number>; same: Schemas['Every']; " +
      'one?: true | undefined; several?: string | number | undefined; both?: Record<string, unknown> | undefined; any?: unknown | undefined; }',
  );
  expect(plain).toContain(
    "'GET /v1/things/{id}': { params: { id: string }; query?: { by?: 'day' | undefined } | undefined; answer: Response | boolean | undefined; }",
  );
  expect(plain).toContain(
    "'POST /v1/things/{id}': { body: string | RawBody; contentType?: 'text/csv' | undefined; answer: unknown; }",
  );
  expect(plain).toContain("new Set(['GET /v1/things/{id}', 'POST /v1/things/{id}'])");
  expectTypeOf<Routes>().not.toBeAny();
});
