// The snippets of the page /docs run as they are: curl in a shell, JavaScript in Node, Python with its standard library.

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/http/openapi.ts';
import {
  type ApiDocument,
  type ExampleRequest,
  exampleRequest,
  operationsOf,
} from '../../src/http/pages/documented.ts';
import { type SnippetLanguage, snippetOf, snippetOrigin } from '../../src/http/pages/snippets.ts';
import { resources } from '../../src/http/resources.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { proberSettings, proberZone, standInSmtp } from './smtp-stand-in.ts';
import { zone } from './zone.ts';

const operations = operationsOf(openApiDocument(resources, '0') as ApiDocument);
const key = 'an-admin-key-for-tests';

/**
 * For each language a program that runs many snippets, one after another, as `[name, code]` in its first argument as JSON, and
 * prints what each prints after a line with its name.
 */
const runners: Readonly<Record<SnippetLanguage, readonly [string, ...string[]]>> = {
  // Bash reads no JSON, so the snippets come as words: name, code, name, code.
  curl: ['bash', '-c', 'while (($# > 0)); do echo "### $1"; eval "$2"; echo; shift 2; done', 'bash'],
  js: [
    process.execPath,
    '--input-type=module',
    '-e',
    `for (const [name, code] of JSON.parse(process.argv[1])) {
      console.log('### ' + name);
      await import('data:text/javascript,' + encodeURIComponent(code)).catch(console.log);
    }`,
  ],
  python: [
    'python3',
    '-c',
    `import json, sys
for name, code in json.loads(sys.argv[1]):
    print("### " + name, flush=True)
    try:
        exec(code, {})
    except Exception as error:
        print(error)
    sys.stdout.flush()`,
  ],
};

type NamedSnippet = readonly [name: string, code: string];

/** Whether a program is missing, said in one line. Never with CI=true: there its tests then fail. */
function isMissing(program: string): boolean {
  if (process.env['CI'] === 'true' || spawnSync(program, ['--version']).error === undefined) return false;
  console.warn(`Skipped: the snippets that need ${program}. To run them: apt-get install ${program}`);
  return true;
}
const languages = (Object.keys(runners) as SnippetLanguage[]).filter(
  (language) => language === 'js' || !isMissing(language === 'curl' ? 'curl' : 'python3'),
);

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone: { ...zone, ...proberZone },
    smtp: standInSmtp(),
    settings: {
      ...proberSettings,
      ADMIN_KEY: key,
      CRM_MAILCHIMP_SHARED_SECRETS: 'a-shared-secret-of-a-vendor',
    },
  });
});
afterAll(() => service.stop());

async function createdId(path: string, type: string, body: string): Promise<string> {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': type },
    body,
  });
  return ((await response.json()) as { id: string }).id;
}

async function completedJob(): Promise<string> {
  const id = await createdId('/v1/jobs', 'text/csv', 'email\ndeliverable@presend.test\n');
  const headers = { authorization: `Bearer ${key}` };
  await (await fetch(`${service.url}/v1/jobs/${id}/events`, { headers })).text();
  return id;
}

const createKey = () => createdId('/v1/keys', 'application/json', '{"kind": "secret", "name": "x"}');

/** Runs snippets as they are, but for the service and the key. Gives what each printed, by its name. */
async function run(
  language: SnippetLanguage,
  snippets: readonly NamedSnippet[],
): Promise<Map<string, string>> {
  const here = snippets.map(
    ([name, code]): NamedSnippet => [name, code.replaceAll(snippetOrigin, service.url)],
  );
  const [program, ...options] = runners[language];
  const last = language === 'curl' ? here.flat() : [JSON.stringify(here)];
  const { stdout } = await promisify(execFile)(program, [...options, ...last], {
    env: { PATH: process.env['PATH'], PRESEND_KEY: key },
  });
  return new Map(
    stdout
      .split(/^### /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return [part.slice(0, end), part.slice(end + 1)];
      }),
  );
}

/** Jobs that have ended cannot be paused, resumed or cancelled, so these examples end with 409. */
const endedJob = new Set(['pauseJob', 'resumeJob', 'cancelJob']);

const examples = operations.flatMap((operation) => {
  const request = exampleRequest(operation);
  return request === null ? [] : [{ ...operation, id: operation.operationId, request }];
});

describe.each(languages)('%s', (language) => {
  let outputs: Map<string, string>;
  beforeAll(async () => {
    const job = await completedJob();
    const ids: Readonly<Record<string, string>> = {
      deleteJob: await completedJob(),
      rotateKey: await createKey(),
      revokeKey: await createKey(),
    };
    const snippets = examples.map(({ id, request }): NamedSnippet => {
      const code = snippetOf[language](request);
      return [id, code.replaceAll(/(job|key)_\w{10,22}/g, ids[id] ?? job)];
    });
    outputs = await run(language, snippets);
  }, 120_000);

  test.each(examples)('$id', ({ id, request, responses }) => {
    const output = outputs.get(id)!;
    const succeeded = Object.keys(responses).filter((status) => status.startsWith('2'));
    if (endedJob.has(id)) expect(output).toContain('409');
    else if (language !== 'curl') expect(succeeded, output).toContain(output.split(/\s/)[0]);
    else if (request.answer === 'none') expect(succeeded, output).toContain(output.split(/\s/)[1]);
    else if (request.answer === 'json') expect(JSON.parse(output)).not.toHaveProperty('request_id');
    else expect(output.trim()).toMatch(/^(?!.*urn:presend:problem)./);
  });
});

test('every operation has snippets, except those that vendors call with their own bodies', () => {
  const without = operations.filter((operation) => exampleRequest(operation) === null);
  expect(without.map(({ operationId }) => operationId).toSorted()).toEqual(['crmHook', 'receiveEspWebhook']);
});

describe('special characters', () => {
  const text = `it's "quoted" \\ $HOME \`x\` äß\nsecond #{line}`;
  const request: ExampleRequest = {
    method: 'POST',
    target: '/v1/annotate',
    headers: {},
    needsKey: true,
    body: {
      kind: 'json',
      value: { id: text, flags: [true, false, null, 1.5], 'a b': { long: text.repeat(3) } },
    },
    answer: 'text',
  };

  test.each(languages)('arrive as they are in JSON from %s', async (language) => {
    const output = (await run(language, [['x', snippetOf[language](request)]])).get('x')!;
    expect(JSON.parse(output.slice(output.indexOf('{')))).toMatchObject({ id: text });
  });

  test.each(languages)('arrive as they are in a text from %s', async (language) => {
    const row = `jane@example.com,"it's ""quoted"" \\ $HOME"`;
    const upload: ExampleRequest = {
      ...request,
      target: '/v1/jobs',
      body: { kind: 'text', mediaType: 'text/csv', text: `email,note\n${row}\n` },
    };
    const output = (await run(language, [['x', snippetOf[language](upload)]])).get('x')!;
    const [id] = /job_[\w-]{22}/.exec(output)!;
    const headers = { authorization: `Bearer ${key}` };
    await (await fetch(`${service.url}/v1/jobs/${id}/events`, { headers })).text();
    const result = await fetch(`${service.url}/v1/jobs/${id}/result`, { headers });
    expect(await result.text()).toContain(row);
  });
});
