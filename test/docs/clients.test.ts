// docs/clients.md says what is so: its examples are run, and its tables compared.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { emptyFolder, program } from '../cli/program.ts';
import { startNodeService } from '../http/node-service.ts';

const root = new URL('../..', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/clients.md'), 'utf8');

/** The code in `language`, by the heading above it. */
const examples = (language: string): [string, string][] =>
  page
    .split(/^## /m)
    .flatMap((section) =>
      [...section.matchAll(/^```(\w+)\n(.*?)^```/gms)]
        .filter(([, name]) => name === language)
        .map(([, , code]): [string, string] => [section.split('\n')[0]!, code!]),
    );

const source = (code: string): string =>
  code.replace("'presend/client'", `'${join(root, 'src/client/index.ts')}'`);

const withoutWebhooks = examples('ts').filter(([, code]) => !code.includes('verifyWebhook'));

test.each(withoutWebhooks)('%s: prints its comments', async (_, code) => {
  const service = await startNodeService({ zone: {} });
  onTestFinished(() => service.stop());
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'list.csv'), examples('csv')[0]![1]);
  const file = join(cwd, 'example.ts');
  writeFileSync(file, source(code).replace('http://127.0.0.1:8787', service.url));
  const { stdout, stderr } = await program(file, [], { cwd });
  expect(stderr).toBe('');
  const printed = [...code.matchAll(/(?:^|; )\/\/ (.*)$/gm)].map(([, text]) => text);
  expect(printed.length).toBeGreaterThan(0);
  expect(stdout.trim().split('\n')).toEqual(printed);
});

test('Receive webhooks: what presend signs is taken, anything else is refused', async () => {
  const [, code] = examples('ts').find(([, code]) => code.includes('verifyWebhook'))!;
  const file = join(emptyFolder(), 'example.ts');
  const secret = `whsec_${btoa('a secret of the tests, thirty-two')}`;
  writeFileSync(file, source(code).replace('process.env.CALLBACK_SECRET!', `'${secret}'`));
  const { POST } = await import(file);
  const body =
    '{"type":"job.completed","timestamp":"2026-11-20T12:00:00.000Z","data":{"job":"job_1","rows":3}}';
  const headers = await webhookHeaders(webhookSecret(secret)!, { id: 'msg_1', at: Date.now(), body });
  const send = (body: string) => POST(new Request('https://shop.example', { method: 'POST', headers, body }));
  expect((await send(body)).status).toBe(204);
  const refused: Response = await send(`${body} `);
  expect([refused.status, await refused.text()]).toEqual([401, 'signature_wrong']);
});

test('the table has exactly the methods of the client', () => {
  const client = createClient({ endpoint: 'https://presend.example.com' });
  const named = Object.fromEntries(
    [...page.matchAll(/^\| `(\w+)` +\| ((?:`\w+`(?:, )?)+) +\|$/gm)].map(([, name, methods]) => [
      name,
      [...methods!.matchAll(/`(\w+)`/g)].map(([, method]) => method),
    ]),
  );
  const entries = Object.entries(client);
  const own = entries.filter(([, value]) => typeof value === 'function').map(([name]) => name);
  const resources = entries
    .filter(([, value]) => typeof value === 'object')
    .map(([name, methods]) => [name, Object.keys(methods as object).toSorted()] as const);
  const sorted = Object.fromEntries(
    Object.entries(named).map(([name, methods]) => [name, (methods as string[]).toSorted()]),
  );
  expect(sorted).toEqual({ client: own.toSorted(), ...Object.fromEntries(resources) });
});
