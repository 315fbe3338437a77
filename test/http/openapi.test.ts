// /openapi.json: valid by the OpenAPI 3.1 schema, complete, and true of the service's own responses.

import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishableRoute } from '../../src/http/middleware/cors.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import { anyRouteProblems } from '../../src/http/operation.ts';
import {
  type ProblemType,
  problemTypeNames,
  problemTypes,
  problemUri,
} from '../../src/http/problem-types.ts';
import { resources } from '../../src/http/resources.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { proberSettings, proberZone, standInSmtp } from './smtp-stand-in.ts';
import { zone } from './zone.ts';

interface OperationObject {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags: readonly string[];
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly description?: string;
    readonly schema: object;
    readonly example?: unknown;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

interface ResponseObject {
  readonly description: string;
  readonly headers: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly 'x-problem-types'?: readonly ProblemType[];
}

const document = openApiDocument(resources, '1.2.3') as {
  readonly info: { readonly title: string; readonly version: string; readonly summary: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
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

/** Returns the ids of all operations below a part of the document, callbacks and webhooks included. */
const allIdsOf = (part: unknown): readonly string[] =>
  typeof part === 'object' && part !== null
    ? Object.entries(part).flatMap(([name, value]) =>
        name === 'operationId' ? [value as string] : allIdsOf(value),
      )
    : [];

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
    const ids = allIdsOf(document);
    expect(ids.length).toBeGreaterThan(operations.length);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const tags = document.tags.map(({ name }) => name);
    expect(new Set(tags).size).toBe(tags.length);
    for (const { summary, description, tags: own, method, path } of operations) {
      expect(summary, `${method} ${path}`).toMatch(/^[A-Z].*[^.]$/);
      expect(description, `${method} ${path}`).toMatch(/^\w.*\.$/s);
      for (const tag of own) expect(tags).toContain(tag);
    }
  });

  test('every parameter and every response has a description', () => {
    for (const { parameters = [], responses, method, path } of operations) {
      for (const parameter of parameters)
        expect(parameter.description, `${path} ${parameter.name}`).toMatch(/\w.*\.$/);
      for (const [status, { description }] of Object.entries(responses))
        expect(description, `${method} ${path} ${status}`).toMatch(/^\S.*\.$/);
    }
  });

  test('every parameter has an example of its type', () => {
    for (const { path, parameters = [] } of operations)
      for (const { name, schema, example } of parameters)
        expect(faultsOf(schema, example), `${path} ${name}`).toEqual([]);
  });

  test('an example of a JSON request matches its schema', () => {
    for (const { path, requestBody } of operations) {
      const json = requestBody?.content['application/json'];
      if (json?.example !== undefined) expect(faultsOf(json.schema, json.example), path).toEqual([]);
    }
  });

  test('path parameters are declared, and a JSON request has an example', () => {
    for (const { path, parameters = [], requestBody, security } of operations) {
      const declared = parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => `{${name}}`);
      expect(declared).toEqual([...path.matchAll(/\{\w+\}/g)].map(([name]) => name));
      const json = requestBody?.content['application/json'];
      if (json !== undefined && security.length > 0) expect(json.example, path).toBeDefined();
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
    const open = operations.filter(({ security }) => security.length === 0).map(({ path }) => path);
    expect(new Set(open)).toEqual(
      new Set(['/healthz', '/readyz', '/v1/hooks/esp/{provider}', '/v1/hooks/crm/{vendor}']),
    );
  });

  test('a key needs the scope of the route, and one route allows publishable keys', () => {
    const { operations: own } = resources.find(({ tag }) => tag === 'Lists')!;
    for (const [route, { scope }] of Object.entries(own)) {
      const [method, path] = route.split(' ') as [string, string];
      const operation = document.paths[path]![method.toLowerCase()]!;
      expect(operation).toMatchObject({ security: [{ key: [] }], 'x-scope': scope });
      expect(operation.description).toContain(`Needs a key with the scope \`${scope}\`.`);
    }
    const publishable = operations.filter(({ security }) => security.some((one) => 'publishableKey' in one));
    expect(publishable.map(({ method, path }) => `${method} ${path}`)).toEqual([publishableRoute]);
  });

  test('limits and repetitions are described where they occur', () => {
    for (const { path, responses, security } of operations)
      for (const [status, { headers, 'x-problem-types': types }] of Object.entries(responses)) {
        const isRetried = types !== undefined && ['429', '503'].includes(status);
        const names = Object.keys(headers);
        const isCounted = security.length > 0 && (status.startsWith('2') || status === '429');
        expect(names.includes('RateLimit'), `${path} ${status}`).toBe(isCounted);
        expect(names.includes('Retry-After'), `${path} ${status}`).toBe(isRetried);
        expect(names.includes('WWW-Authenticate'), `${path} ${status}`).toBe(status === '401');
        expect(names).toContain('X-Request-Id');
      }
  });

  test('each type of problem is listed under its status, and each is listed somewhere', () => {
    const listed = new Set<ProblemType>(anyRouteProblems);
    for (const { path, responses } of operations)
      for (const [status, { 'x-problem-types': types = [] }] of Object.entries(responses))
        for (const type of types) {
          expect(problemTypes[type].status, `${path} ${type}`).toBe(Number(status));
          listed.add(type);
        }
    expect([...listed].toSorted()).toEqual(problemTypeNames.toSorted());
    const { properties } = document.components.schemas['ProblemAnswer'] as {
      properties: { type: { enum: string[] } };
    };
    expect(properties.type.enum).toEqual(problemTypeNames.map(problemUri));
  });

  test('values that several schemas share are one schema', () => {
    const { properties } = document.components.schemas['VerdictAnswer'] as {
      properties: Record<string, object>;
    };
    expect(properties['reason']).toMatchObject({ $ref: '#/components/schemas/Reason' });
    expect(properties['signals']).toMatchObject({ items: { $ref: '#/components/schemas/Reason' } });
    const { results } = (document.components.schemas['BatchAnswer'] as { properties: Record<string, object> })
      .properties;
    expect(results).toMatchObject({ items: { $ref: '#/components/schemas/VerdictAnswer' } });
  });

  test('a schema that no resource names is a bug', () => {
    const [first] = resources;
    expect(() => openApiDocument([{ ...first!, schemas: {} }], '0')).toThrow(
      'is missing in the `schemas` of its resource',
    );
  });
});

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'presend', components: document.components });

/** What is wrong with a value by a schema of the document. */
function faultsOf(schema: object, value: unknown): unknown[] {
  const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"presend#/')) as object);
  return check(value) ? [] : check.errors!;
}

describe('the responses of the service', () => {
  const key = 'an-admin-key-for-tests';
  let service: NodeService;
  beforeAll(async () => {
    service = await startNodeService({
      zone: { ...zone, ...proberZone },
      smtp: standInSmtp(),
      settings: { ...proberSettings, ADMIN_KEY: key },
    });
  });
  afterAll(() => service.stop());

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
    const body: unknown = await response.json();
    expect(faultsOf(schema, body), `${method} ${path}`).toEqual([]);
    const headers = Object.keys(documented!.headers).filter((name) => !/^RateLimit/.test(name));
    for (const name of headers) expect(response.headers.has(name), `${method} ${path} ${name}`).toBe(true);
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
