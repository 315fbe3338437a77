// /openapi.json: valid by the OpenAPI 3.1 schema, complete, and true of the service's own responses.

import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/http/openapi.ts';
import { resources } from '../../src/http/resources.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

interface OperationObject {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

interface ResponseObject {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

const document = openApiDocument(resources, '1.2.3') as {
  readonly info: { readonly title: string; readonly version: string; readonly summary: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    ...operation,
  })),
);

describe('the document', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test('names the product and its version', () => {
    expect(document.info).toMatchObject({ title: 'presend', version: '1.2.3' });
    expect(document.info.summary).not.toBe('');
  });

  test('every operation has an id of its own, a summary and a known tag', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }) => name);
    expect(new Set(tags).size).toBe(tags.length);
    for (const { summary, tags: own, method, path } of operations) {
      expect(summary, `${method} ${path}`).toMatch(/^[A-Z].*[^.]$/);
      for (const tag of own) expect(tags).toContain(tag);
    }
  });

  test('every parameter and every response has a description', () => {
    for (const { parameters = [], responses, method, path } of operations) {
      for (const parameter of parameters)
        if (parameter.in !== 'path') expect(parameter.description, `${path} ${parameter.name}`).toMatch(/\w/);
      for (const [status, { description }] of Object.entries(responses))
        expect(description, `${method} ${path} ${status}`).toMatch(/^\S.*\.$/);
    }
  });

  test('path parameters are declared, and a JSON request has an example', () => {
    for (const { path, parameters = [], requestBody, security } of operations) {
      const declared = parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => `{${name}}`);
      expect(declared).toEqual([...path.matchAll(/\{\w+\}/g)].map(([name]) => name));
      const json = requestBody?.content['application/json'];
      if (json !== undefined && security !== undefined) expect(json.example, path).toBeDefined();
    }
  });

  test('an error response is problem details, a response without a body has no content', () => {
    for (const { path, responses } of operations)
      for (const [status, { content }] of Object.entries(responses))
        if (Number(status) >= 400 && path !== '/readyz')
          expect(Object.keys(content ?? {}), `${path} ${status}`).toEqual(['application/problem+json']);
    expect(document.paths['/v1/keys/{id}']!['delete']!.responses['204']!.content).toBeUndefined();
  });

  test('public routes and webhooks need no key, all others do', () => {
    const open = operations.filter(({ security }) => security === undefined).map(({ path }) => path);
    expect(new Set(open)).toEqual(
      new Set(['/healthz', '/readyz', '/v1/hooks/esp/{provider}', '/v1/hooks/crm/{vendor}']),
    );
  });

  test('a schema that no resource names is a bug', () => {
    const [first] = resources;
    expect(() => openApiDocument([{ ...first!, schemas: {} }], '0')).toThrow(
      'is missing in the `schemas` of its resource',
    );
  });
});

describe('the responses of the service', () => {
  const key = 'an-admin-key-for-tests';
  let service: NodeService;
  beforeAll(async () => {
    service = await startNodeService({ zone, settings: { ADMIN_KEY: key } });
  });
  afterAll(() => service.stop());

  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'presend', components: document.components });

  const send = (path: string, init: RequestInit = {}) =>
    fetch(service.url + path, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers },
    });

  /** Checks a response against the schema that the document has for its status. */
  async function expectDocumented(method: string, path: string, response: Response): Promise<void> {
    const operation = document.paths[path]![method.toLowerCase()]!;
    const documented = operation.responses[response.status];
    expect(documented, `${method} ${path} ${response.status}`).toBeDefined();
    const mediaType = response.headers.get('content-type')!.split(';')[0]!;
    const { schema } = documented!.content![mediaType]!;
    const reference = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"presend#/')) as object;
    const check = ajv.compile(reference);
    const body: unknown = await response.json();
    expect(check(body) ? [] : check.errors, `${method} ${path}`).toEqual([]);
  }

  test('match their schemas for every example', async () => {
    for (const { path, method, requestBody } of operations) {
      const example = requestBody?.content['application/json']?.example;
      if (example === undefined) continue;
      await expectDocumented(method, path, await send(path, { method, body: JSON.stringify(example) }));
    }
  });

  test('match their schemas for every list and report', async () => {
    for (const { path, method, responses } of operations)
      if (method === 'GET' && responses['200']!.content?.['application/json'] && !path.includes('{'))
        await expectDocumented(method, path, await send(path));
  });

  test('a job with its forecast matches its schema', async () => {
    const body = 'email\njane@brisk-otter.com\njane@no-mail-please.org\n';
    const created = await send('/v1/jobs', { method: 'POST', body, headers: { 'content-type': 'text/csv' } });
    const { id } = (await created.clone().json()) as { id: string };
    await expectDocumented('POST', '/v1/jobs', created);
    for (;;) {
      const response = await send(`/v1/jobs/${id}`);
      const { state } = (await response.clone().json()) as { state: string };
      if (state !== 'completed') continue;
      await expectDocumented('GET', '/v1/jobs/{id}', response);
      break;
    }
    await expectDocumented('GET', '/v1/jobs', await send('/v1/jobs'));
  });

  test.each([
    ['POST', '/v1/validate', { body: '{' }],
    ['POST', '/v1/validate', { body: '{"email":1}' }],
    ['POST', '/v1/validate', { body: '{}', headers: { 'content-type': 'text/plain' } }],
    ['POST', '/v1/validate', { body: '{}', headers: { authorization: 'Bearer nothing' } }],
    ['GET', '/v1/suppressions', {}],
  ])('%s %s %j matches its schema', async (method, path, init: RequestInit) => {
    await expectDocumented(method, path, await send(path, { ...init, method }));
  });

  test('an unknown id matches its schema', async () => {
    await expectDocumented('GET', '/v1/jobs/{id}', await send('/v1/jobs/job_0'));
    await expectDocumented('DELETE', '/v1/keys/{id}', await send('/v1/keys/key_0', { method: 'DELETE' }));
  });
});
