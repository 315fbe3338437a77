// docs/api.md says what is so.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sentWebhooks } from '../../src/http/sent-webhooks.ts';
import { emptyFolder, presend } from '../cli/program.ts';
import { type NodeService, startNodeService } from '../http/node-service.ts';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(page)![1]!;

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone: {} });
});
afterAll(() => service.stop());

test('the command prints a key', async () => {
  const command = /npx presend (.*)\)/.exec(block('sh'))![1]!;
  const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  expect((await presend(args, { cwd: emptyFolder() })).stdout).toMatch(/^sk_\w+\n$/);
});

test('an error is answered as printed', async () => {
  const response = await fetch(`${service.url}/v1/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const printed = JSON.parse(block('json')) as object;
  expect(await response.json()).toEqual({ ...printed, request_id: expect.any(String) });
});

test('the page names every webhook that is sent, and every part of the document that it promises', async () => {
  const table = page.slice(page.indexOf('## Webhooks'));
  const named = [
    ...table.matchAll(/`((?:verdict|job|list|suppression|drift|sender_dns|alert|gate)\.\w+)`/g),
  ].map(([, type]) => type!);
  expect(named.toSorted()).toEqual(Object.keys(sentWebhooks).toSorted());
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as Record<string, unknown>;
  expect(document).toMatchObject({
    servers: [{ url: '/' }],
    webhooks: { 'job.completed': {} },
    components: { schemas: { ProblemAnswer: {} } },
    paths: { '/v1/jobs': { post: { callbacks: {} } } },
  });
});
