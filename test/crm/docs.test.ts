// docs/crms.md and docs/adding-a-crm.md: what they show is what happens.

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHookHandler } from '../../src/crm/answer-hook.ts';
import type { CrmAdapter } from '../../src/crm/crm-adapter.ts';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { hubspotProperties } from '../../src/crm/hubspot.ts';
import { bytesOf } from '../../src/webhooks/crypto.ts';
import { withHexHmac } from '../esp/signing.ts';
import { type NodeService, startNodeService } from '../http/node-service.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

const blocks = (page: string, language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code!);

const crms = read('docs/crms.md');

let service: NodeService;
beforeAll(async () => {
  const settings = Object.fromEntries(
    blocks(crms, 'ini').flatMap((block) =>
      block
        .trim()
        .split('\n')
        .map((line) => line.split('=', 2)),
    ),
  );
  service = await startNodeService({ zone: {}, settings });
});
afterAll(() => service.stop());

/** Sends what a curl command sends. */
async function curl(command: string): Promise<unknown> {
  const [, path] = /http:\/\/127\.0\.0\.1:8787(\S+)/.exec(command)!;
  const user = /-u (\S+)/.exec(command)?.[1];
  const headers = Object.fromEntries(
    [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, ...pair]) => pair),
  );
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { ...headers, ...(user && { authorization: `Basic ${btoa(user)}` }) },
    body: /-d '(.*)'/.exec(command)![1]!,
  });
  expect(response.status).toBe(200);
  return response.json();
}

test('records are answered as documented, except for the time', async () => {
  const [annotate, pipedrive] = blocks(crms, 'sh');
  const printed = JSON.parse(blocks(crms, 'json')[0]!) as { records: Record<string, unknown>[] };
  const answer = (await curl(annotate!)) as typeof printed;
  for (const [index, record] of printed.records.entries()) {
    const { presend_checked_at, presend_expires_at, ...rest } = record;
    expect(answer.records[index]).toMatchObject(rest);
    expect(Object.keys(answer.records[index]!)).toEqual(Object.keys(record));
    expect(answer.records[index]!['presend_expires_at'] === null).toBe(presend_expires_at === null);
    expect(presend_checked_at).toMatch(/^2026-/);
  }
  expect(await curl(pipedrive!)).toMatchObject({ records: [{ id: '7', presend_reason: 'null_mx' }] });
});

test('the table has every hook, and the text every written property', () => {
  const named = [...crms.matchAll(/`\/v1\/hooks\/crm\/(\w+)`/g)].map(([, name]) => name!);
  expect(new Set(named)).toEqual(new Set(crmAdapters.map(({ name }) => name)));
  for (const property of hubspotProperties) expect(crms).toContain(`\`${property}\``);
});

test('every file and setting that the pages name exists', () => {
  const adding = read('docs/adding-a-crm.md');
  const paths = [...adding.matchAll(/`((?:src|test)\/[\w/.-]+)`/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(8);
  for (const path of paths.filter((path) => path.endsWith('.ts'))) expect(() => read(path)).not.toThrow();
  for (const page of [crms, adding])
    for (const [, target] of page.matchAll(/\]\(((?!https?:)[^)#]+)\)/g))
      expect(() => read(`docs/${target}`), target).not.toThrow();
});

test('the example adapter answers signed requests only', async () => {
  const [example] = blocks(read('docs/adding-a-crm.md'), 'ts');
  const room = new URL('../../src/crm/', import.meta.url).href;
  const code = stripTypeScriptTypes(example!)
    .replaceAll("from './", `from '${room}`)
    .replaceAll("from '../", `from '${new URL('..', room).href}`);
  const module = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
  const adapter: CrmAdapter = module.rolodex;

  const body = JSON.stringify({ cards: [{ number: 7, mail: '' }, { mail: 'a@b.c' }] });
  const signed = await withHexHmac('x-rolodex-signature', body);
  const receive = (signingKeys: readonly string[]) =>
    createHookHandler(
      adapter,
      {
        signingKeys,
        sharedSecrets: [],
        webhookUrl: null,
        organizations: [],
        emailField: null,
        apiToken: null,
        writeBack: false,
      },
      {
        ...{ validate: async () => [], record: async () => [], fetch, now: () => 0 },
        ...{ onApiFailure: () => {}, onContacts: () => {} },
      },
    )({ ...signed.request, body: bytesOf(body), url: 'https://hooks.example.net/' });
  const answer = await receive(signed.secrets.signingKeys!);
  if (answer.kind !== 'reply') throw new Error(answer.kind);
  expect(answer.reply.status).toBe(200);
  expect(JSON.parse(answer.reply.body).records).toMatchObject([{ id: '7', presend_result: 'no_address' }]);
  expect(await receive(['another'])).toEqual({ kind: 'refused', why: 'signature_wrong' });
  expect(await receive([])).toEqual({ kind: 'refused', why: 'signature_wrong' });
});
