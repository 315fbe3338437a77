// The files for Python and PHP: verdicts, batches, decisions of a form, and webhooks that the service really sends.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import {
  exampleFolder,
  type Presend,
  presendService,
  reservePort,
  run,
  type Server,
  startServer,
} from './programs.ts';

const presend = presendService();

interface Language {
  readonly folder: string;
  /** Prints the verdicts on addresses. */
  readonly check: readonly [string, ...string[]];
  /** A program that prints, as JSON, what a form says to `email`, alone and after the person confirmed it. */
  objection(email: string): readonly [string, ...string[]];
  /** A program that prints the number of verdicts on `count` addresses, and the last address. */
  batch(count: number): readonly [string, ...string[]];
  /** Starts the receiver of webhooks. */
  receive(port: number): readonly [string, ...string[]];
  readonly ready: RegExp;
}

const python = (code: string): readonly [string, ...string[]] => [
  'python3',
  '-c',
  `import json, os\nfrom presend import *\npresend = Presend(os.environ['PRESEND_URL'], os.environ['PRESEND_KEY'])\n${code}`,
];
const php = (code: string): readonly [string, ...string[]] => [
  'php',
  '-r',
  `require 'Presend.php'; $presend = new Presend(getenv('PRESEND_URL'), getenv('PRESEND_KEY')); ${code}`,
];

const languages: Record<string, Language> = {
  Python: {
    folder: 'python',
    check: ['python3', 'presend.py'],
    objection: (email) =>
      python(`print(json.dumps([objection(presend, ${email}, confirmed) for confirmed in (False, True)]))`),
    batch: (count) =>
      python(
        `verdicts = presend.validate_batch([f"a{n}@presend.test" for n in range(${count})])\nprint(len(verdicts), verdicts[-1]["email"])`,
      ),
    receive: (port) => ['env', `PORT=${port}`, 'python3', 'webhook.py'],
    ready: /listens on (\S+)/,
  },
  PHP: {
    folder: 'php',
    check: ['php', 'check.php'],
    objection: (email) =>
      php(
        `echo json_encode(array_map(fn ($confirmed) => $presend->objection(${email}, $confirmed), [false, true]));`,
      ),
    batch: (count) =>
      php(
        `$verdicts = $presend->validateBatch(array_map(fn ($n) => "a$n@presend.test", range(0, ${count} - 1))); echo count($verdicts), ' ', end($verdicts)['email'];`,
      ),
    // As without a php.ini.
    receive: (port) => ['php', '-d', 'display_errors=1', '-S', `127.0.0.1:${port}`, 'webhook.php'],
    ready: /Development Server \((\S+)\) started/,
  },
};

const environment = ({ url, secretKey }: Presend) => ({ PRESEND_URL: url, PRESEND_KEY: secretKey });

/** The headers of a message that somebody signed with an empty key. */
function forgedHeaders(body: string): Record<string, string> {
  const at = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', '').update(`msg_1.${at}.${body}`).digest('base64');
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
}

describe.each(Object.entries(languages))('%s', (_, { folder, check, objection, batch, receive, ready }) => {
  const inFolder = (command: readonly [string, ...string[]], changes = {}) =>
    run(command, {
      cwd: exampleFolder(folder),
      environment: { ...environment(presend), ...changes },
    });
  const objectionsTo = async (email: string, changes = {}) => {
    const printed = await inFolder(objection(`"${email}"`), changes);
    return JSON.parse(printed.trim().split('\n').at(-1)!);
  };

  test('prints verdicts', async () => {
    const emails = ['jane@gmial.com', 'jane@brisk-otter.com', 'jane@mailinator.com'];
    const printed = await inFolder([...check, ...emails]);
    expect(printed.split('\n').map((line) => line.trim())).toEqual([
      'jane@gmial.com undeliverable domain_typo jane@gmail.com',
      'jane@brisk-otter.com deliverable no_known_obstacle',
      'jane@mailinator.com risky disposable_domain',
      '',
    ]);
  });

  test('asks about more addresses than one request may have', async () => {
    expect((await inFolder(batch(2500))).trim()).toBe('2500 a2499@presend.test');
  });

  const kept = 'Please enter an address that you will keep.';
  const refused = 'We cannot send mail to this address.';
  test.each([
    ['jane@brisk-otter.com', null, null],
    ['jane@gmial.com', 'Did you mean jane@gmail.com?', null],
    ['parked-domain@presend.test', 'Is this address right?', null],
    ['jane@mailinator.com', kept, kept],
    ['jane@no-mail-please.org', refused, refused],
    ['dns-undetermined@presend.test', null, null],
    ['complained@presend.test', null, null],
    ['unsubscribed@presend.test', null, null],
  ])('a form says to %s: %s, then %s', async (email, first, second) => {
    expect(await objectionsTo(email)).toEqual([first, second]);
  });

  test.each([
    ['is down', { PRESEND_URL: 'http://127.0.0.1:1' }],
    ['refuses the key', { PRESEND_KEY: 'sk_no' }],
  ])('a form takes every address while presend %s', async (_why, changes) => {
    expect(await objectionsTo('jane@no-mail-please.org', changes)).toEqual([null, null]);
  });

  test.each([
    ['a page of a proxy', { 'content-type': 'text/html' }, '<h1>Sign in to the Wi-Fi</h1>'],
    ['an answer that breaks off', { 'content-length': '1000' }, '{"action": '],
  ])('a form takes every address after %s', async (_why, headers, text) => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, headers);
        if ('content-length' in headers) response.write(text, () => response.destroy());
        else response.end(text);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await objectionsTo('jane@no-mail-please.org', { PRESEND_URL: url })).toEqual([null, null]);
  });

  test('a form takes an address that is not UTF-8', async () => {
    const email = folder === 'php' ? '\\xff@brisk-otter.com' : '\\udcff@brisk-otter.com';
    expect(await objectionsTo(email)).toEqual(folder === 'php' ? [null, null] : [refused, refused]);
  });

  test('a form does not wait for presend', async () => {
    presend.pause();
    try {
      expect(await objectionsTo('jane@no-mail-please.org')).toEqual([null, null]);
    } finally {
      presend.resume();
    }
  });

  test.each([
    ['no secret', {}],
    ['an empty secret', { PRESEND_WEBHOOK_SECRET: '' }],
    ['a secret without a key', { PRESEND_WEBHOOK_SECRET: 'whsec_' }],
    ['a short secret', { PRESEND_WEBHOOK_SECRET: `whsec_${btoa('short')}` }],
    ['a secret that is not base64', { PRESEND_WEBHOOK_SECRET: `whsec_${'*'.repeat(40)}` }],
  ])('with %s, the receiver of webhooks takes nothing', async (_what, environment) => {
    const { port, release } = await reservePort();
    await release();
    const receiver = await startServer(receive(port), { cwd: exampleFolder(folder), environment, ready });
    onTestFinished(() => receiver.stop());
    const body = '{"type": "job.completed", "data": {}}';
    const forged = forgedHeaders(body);
    // Python's server closes the connection.
    const status = await fetch(receiver.url, { method: 'POST', headers: forged, body }).then(
      (response) => response.status,
      () => 'closed',
    );
    expect(status).toBe(folder === 'php' ? 500 : 'closed');
    await receiver.printed(/The secret must be CALLBACK_SECRET|KeyError: 'PRESEND_WEBHOOK_SECRET'/);
  });

  describe('the receiver of webhooks', () => {
    let receiver: Server;
    beforeAll(async () => {
      const { port, release } = await reservePort();
      await release();
      receiver = await startServer(receive(port), {
        cwd: exampleFolder(folder),
        environment: { PRESEND_WEBHOOK_SECRET: presend.webhookSecret },
        ready,
      });
    });
    afterAll(() => receiver?.stop());

    test('hears of a job that is done', async () => {
      await presend.call(
        `/v1/jobs?callback_url=${receiver.url}/`,
        'email\ndeliverable@presend.test\n',
        'text/csv',
      );
      await receiver.printed(/job\.completed .*completed/);
    });

    const body = '{"type": "job.completed", "data": {}}';
    const deliver = async (headers: Record<string, string>, text = body): Promise<number> =>
      (await fetch(receiver.url, { method: 'POST', headers, body: text })).status;
    const signed = (at: number) =>
      webhookHeaders(webhookSecret(presend.webhookSecret)!, { id: 'msg_1', at, body });

    test('takes a message that is signed, also by one of several secrets', async () => {
      const headers = await signed(Date.now());
      expect(await deliver(headers)).toBe(204);
      const signatures = `v1,AAAA ${headers['webhook-signature']}`;
      expect(await deliver({ ...headers, 'webhook-signature': signatures })).toBe(204);
    });

    test('refuses what is old, altered or not signed', async () => {
      const headers = await signed(Date.now());
      expect(await deliver(await signed(Date.now() - 86_400_000))).toBe(401);
      expect(await deliver(headers, body.replace('completed', 'failed'))).toBe(401);
      expect(await deliver({ ...headers, 'webhook-id': 'msg_2' })).toBe(401);
      expect(await deliver({ ...headers, 'webhook-timestamp': 'soon' })).toBe(401);
      expect(await deliver({ ...headers, 'webhook-signature': 'v1,\xe4' })).toBe(401);
      expect(await deliver({})).toBe(401);
    });
  });
});
