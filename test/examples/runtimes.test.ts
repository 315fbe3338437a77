// `presend/client` from the package, on Node, Bun and Deno.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { exampleFolder, presendService, run } from './programs.ts';

const presend = presendService();

const program = `
import { createClient, PresendError, PresendWebhookError, verifyWebhook } from 'presend/client';

const [endpoint, key] = globalThis.Deno?.args ?? process.argv.slice(2);
const presend = createClient({ endpoint, key });
const verdict = await presend.validate('domain-typo@presend.test', { source: 'checkout' });
console.log(verdict.action, verdict.did_you_mean);
const { results } = await presend.validateBatch(['null-mx@presend.test', 'deliverable@presend.test']);
console.log(results.map(({ result }) => result).join(' '));
await presend.suppressions.add({ email: 'jane', reason: 'manual' }).catch((error) => {
  console.log(error instanceof PresendError, error.status, error.problem.type);
});
const { id } = await presend.jobs.create('email\\ndeliverable@presend.test\\nnull-mx@presend.test\\n');
const { state, rows } = await presend.jobs.wait(id);
console.log(state, rows);
const file = await presend.jobs.download(id, { action: 'accept' });
console.log((await file.text()).trimEnd().split('\\n').length);
const body = new TextEncoder().encode('{}');
await verifyWebhook({ headers: new Headers(), body }, 'whsec_' + btoa('0123456789abcdef0123456789abcdef')).catch((error) => {
  console.log(error instanceof PresendWebhookError, error.why);
});
`;

const printed = [
  'confirm domain-typo@example.com',
  'undeliverable deliverable',
  'true 422 urn:presend:problem:invalid-request',
  'completed 2',
  '2',
  'true signature_missing',
];

const examples = exampleFolder('.');
const installed = (path: string) => join(examples, 'node_modules', path);

beforeAll(() => writeFileSync(join(examples, 'client.mjs'), program));

test.each<[string, readonly [string, ...string[]]]>([
  ['Node', [process.execPath]],
  ['Bun', [installed('bun/bin/bun.exe')]],
  ['Deno', [installed('deno/deno'), 'run', '--allow-net', '--allow-env', '--no-lock']],
])('%s', async (_, [command, ...args]) => {
  const output = await run([command, ...args, 'client.mjs', presend.url, presend.secretKey], {
    cwd: examples,
  });
  expect(output.trimEnd().split('\n')).toEqual(printed);
});
