// The task pages: every command and setting in them works.

import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readEspSettings } from '../../src/esp/esp-settings.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { emptyFolder, presend } from '../cli/program.ts';
import { storedEvent } from '../contract/event-log.ts';
import { startNodeService } from '../http/node-service.ts';
import { fileServer } from '../platform/file-server.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** The shell commands of a task page, each on one line. */
const commands = (task: string): string[] =>
  [...read(`docs/tasks/${task}.md`).matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, code]) =>
    code!
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );

const words = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

test('block disposables: the policy blocks what the sandbox calls disposable, and the API says so', async () => {
  // By a path that is computed, since its types need those of a browser.
  const { formDecision, readPolicy } = await import(join(root, 'src/widget/policy.ts'));
  const page = read('docs/tasks/block-disposables.md');
  const policy = readPolicy(/data-policy="([^"]+)"/.exec(page)![1]);
  const [makeKey, ask] = commands('block-disposables');
  const made = await presend(words(makeKey!).slice(2));
  expect(made.stdout).toMatch(/^pk_/);

  const service = await startNodeService({ zone: {} });
  onTestFinished(() => service.stop());
  const answer = await fetch(`${service.url}/v1/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: /-d '(.*)'/.exec(ask!)![1]!,
  });
  // biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
  const verdict = (await answer.json()) as any;
  expect(verdict).toMatchObject({ disposable: true, reason: 'disposable_domain' });
  expect(formDecision(verdict, policy)).toBe('block');
  expect(formDecision(verdict, {})).toBe('warn');
});

test('clean a Mailchimp export: its columns are found, and only accepted rows are kept', async () => {
  const cwd = emptyFolder();
  writeFileSync(
    join(cwd, 'subscribed.csv'),
    '"Email Address","First Name",MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED\n' +
      'deliverable@presend.test,Jane,2,"2019-03-01 10:00:00","2019-03-01 10:00:00","2026-01-01 09:00:00"\n' +
      'null-mx@presend.test,Joe,2,"2019-03-01 10:00:00","2019-03-01 10:00:00","2026-01-01 09:00:00"\n' +
      'domain-typo@presend.test,Jim,2,"2019-03-01 10:00:00","2019-03-01 10:00:00","2026-01-01 09:00:00"\n',
  );
  for (const command of commands('clean-a-mailchimp-export'))
    expect((await presend(words(command).slice(2), { cwd })).status, command).toBe(0);
  const rows = (file: string) => readFileSync(join(cwd, file), 'utf8').trim().split('\n').slice(1);
  expect(rows('clean.csv')).toHaveLength(3);
  expect(rows('keep.csv')).toHaveLength(1);
  expect(rows('keep.csv')[0]).toMatch(/^deliverable@presend\.test,.*,accept,/);
  expect(readFileSync(join(cwd, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
});

test('be told when bounces rise: the settings are valid, and the commands exist', async () => {
  const page = commands('be-told-when-bounces-rise');
  const settings = page
    .filter((command) => command.startsWith('export '))
    .map((command) =>
      Object.fromEntries(words(command.slice(7)).map((pair) => pair.split(/=(.*)/s).slice(0, 2))),
    );
  const alerts = settings.map((environment) => {
    const outcome = readSettings(environment);
    if (!outcome.ok) throw new Error(outcome.mistakes.join(' '));
    return outcome.settings.alerts;
  });
  expect(alerts).toMatchObject([
    { urls: [{ format: 'slack' }] },
    { urls: [{ format: 'teams' }] },
    { mail: { to: ['ops@example.com'] } },
    { quietHours: { from: 22 * 60, to: 7 * 60 } },
  ]);
  const cwd = emptyFolder();
  // Nothing listens there, so the test of the receiver fails, and says so.
  const environment = { ALERT_URLS: 'slack+http://127.0.0.1:9/secret', CALLBACK_TARGETS: 'loopback' };
  const runs = page.filter((command) => command.startsWith('npx presend alerts'));
  const [tested, listed] = await Promise.all(
    runs.map((command) => presend(words(command).slice(2), { cwd, environment })),
  );
  expect(tested).toMatchObject({ status: 1, stdout: 'fail  slack 127.0.0.1:9: ECONNREFUSED\n' });
  expect(listed).toMatchObject({
    status: 0,
    stdout: 'slack 127.0.0.1:9: 0 delivered, 0 pending, 0 failed\n',
  });
});

test('watch presend with Prometheus: the key is made, and the page names every metric', async () => {
  const [makeKey] = commands('watch-with-prometheus');
  const made = await presend(words(makeKey!.replace(/ >.*/, '')).slice(2));
  expect(made.stdout).toMatch(/^sk_/);
  const service = await startNodeService({ zone: {} });
  onTestFinished(() => service.stop());
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const page = read('docs/tasks/watch-with-prometheus.md');
  const rows = [...page.matchAll(/^\| `.*?\|/gm)].join('');
  expect(new Set(rows.match(/(?<=`)\w+(?=`)/g))).toEqual(new Set(text.match(/(?<=^# TYPE )\w+/gm)));
});

test('connect SES: the setting and the route exist', async () => {
  const [set, importList] = commands('connect-ses');
  const [, name, value] = /^(ESP_\w+)=(\S+) npm start$/.exec(set!)!;
  const outcome = readEspSettings((asked) => (asked === name ? value! : null));
  expect(outcome.ok && outcome.secrets.get('amazon_ses')?.topics).toEqual([value]);

  const service = await startNodeService({ zone: {}, settings: { [name!]: value! } });
  onTestFinished(() => service.stop());
  const [path] = /\/v1\/hooks\/esp\/\w+/.exec(read('docs/tasks/connect-ses.md'))!;
  const unsigned = await fetch(service.url + path, { method: 'POST', body: '{}' });
  expect(unsigned.status).toBe(401);

  const cwd = emptyFolder();
  writeFileSync(join(cwd, words(importList!).at(-1)!), 'jane@example.com,BOUNCE\n');
  expect((await presend(words(importList!).slice(2), { cwd })).status).toBe(0);
});

test('deploy to Workers: the commands name what wrangler.toml binds', () => {
  const config = read('wrangler.toml');
  const created = commands('deploy-to-workers').flatMap(
    (line) => /wrangler (?:d1|r2 bucket|queues) create (\S+)/.exec(line)?.[1] ?? [],
  );
  expect(created).toHaveLength(3);
  for (const name of created) expect(config).toContain(`"${name}"`);
  const { scripts } = JSON.parse(read('package.json'));
  for (const [, script] of read('docs/tasks/deploy-to-workers.md').matchAll(/`npm run (\S+)`/g))
    expect(scripts).toHaveProperty([script!]);
});

test('update the lists: the key, the data pack and the checks of the page work', {
  timeout: 120_000,
}, async () => {
  const cwd = emptyFolder();
  const [makeKey, sign, dryRun, update, status, health] = commands('update-the-lists');
  expect(makeKey).toBe('openssl genpkey -algorithm ed25519 -out data-key.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(cwd, 'data-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const run = (command: string, environment = {}) => presend(words(command).slice(2), { cwd, environment });
  const packed = await run(sign!);
  const pack = readFileSync(join(cwd, 'presend.pack'));
  const url = await fileServer((_, response) => response.end(pack));
  const [, DATA_PUBLIC_KEY] = /^DATA_PUBLIC_KEY=(.+)$/m.exec(packed.stdout)!;
  const environment = { DATA_PUBLIC_KEY: DATA_PUBLIC_KEY!, DATA_URL: url, DATA_TARGETS: 'private' };
  for (const command of [dryRun!, update!]) expect((await run(command, environment)).status, command).toBe(0);
  expect((await run(status!, environment)).stdout).toContain('days old');

  const service = await startNodeService({ zone: {} });
  onTestFinished(() => service.stop());
  const answer = await (await fetch(service.url + new URL(words(health!).at(-1)!).pathname)).json();
  expect(answer).toMatchObject({ data: { version: expect.any(String), age_days: expect.any(Number) } });
});

test('read the bounce log: the commands write what the page says', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder();
  const environment = {
    DATABASE_PATH: join(cwd, 'presend.sqlite'),
    ADDRESS_HASH_KEY: 'a key for tests that has 32 bytes',
  };
  const [whole, narrow, find, ...requests] = commands('read-the-bounce-log');
  const { sqlite, database } = openDatabase(environment.DATABASE_PATH);
  const hasher = nodeHasher(addressHashKey(environment.ADDRESS_HASH_KEY));
  const [addressHash] = await hasher.hashAll(['jane@example.com']);
  const at = Date.UTC(2026, 10, 20, 12);
  const keyId = hasher.keyId;
  await createEventRepository(database).store(
    [
      storedEvent('e1', { keyId, addressHash: addressHash!, at }),
      storedEvent('e2', { keyId, addressHash: addressHash!, at: at + 86_400_000 * 3, class: 'policy' }),
      storedEvent('e3', { keyId, addressHash: 'somebody else' }),
    ],
    keyId,
    { outcomes: [], deliveries: new Map() },
  );
  sqlite.close();
  writeFileSync(join(cwd, 'contacts.csv'), 'email,name\njane@example.com,Jane\n');
  const run = (command: string) => presend(words(command).slice(2), { cwd, environment });
  const rows = (file: string) => readFileSync(join(cwd, file), 'utf8').trim().split('\r\n').slice(1);
  expect(await run(whole!)).toMatchObject({ status: 0, stdout: expect.stringContaining('not in the list') });
  expect(rows('bounces.csv')).toHaveLength(2);
  expect((await run(narrow!)).status).toBe(0);
  expect(rows('hard.csv')).toHaveLength(1);
  expect((await run(find!)).stdout.match(/campaign spring/g)).toHaveLength(2);

  const service = await startNodeService({ zone: {} });
  onTestFinished(() => service.stop());
  for (const request of requests) {
    const [, target] = /127\.0\.0\.1:8787([^']+)/.exec(request)!;
    expect((await fetch(service.url + target)).status, request).toBe(200);
  }
  expect(requests).toHaveLength(2);
});

test('every task is in the index', () => {
  const index = read('docs/README.md');
  for (const file of readdirSync(join(root, 'docs/tasks'))) expect(index).toContain(`(tasks/${file})`);
});

test('every link within the documentation leads somewhere', () => {
  const pagesIn = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => `${folder}/${name}`);
  const files = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'data/README.md'].concat(
    pagesIn('docs'),
    pagesIn('examples'),
  );
  for (const file of files)
    for (const [, target] of read(file).matchAll(/\]\(((?!https?:)[^)#]+)\)/g))
      expect(
        () =>
          target!.endsWith('decisions')
            ? readdirSync(join(root, file, '..', target!))
            : read(join(file, '..', target!)),
        `${file}: ${target}`,
      ).not.toThrow();
});

test('deploy to Workers: what an operator has to know is in workers.md, and the Worker logs', () => {
  const config = read('wrangler.toml');
  expect(config).toMatch(/^\[observability\]\nenabled = true$/m);
  expect(config).toMatch(/^crons = \["\* \* \* \* \*"\]$/m);
  const page = read('docs/workers.md');
  // The local simulator runs no cron, and a reader must not wait for it.
  expect(page).toMatch(/`npm run dev:worker`[^#]*no cron/);
  expect(page).toMatch(/npx wrangler login/);
  const database = /database_name = "(.+)"/.exec(config)![1]!;
  for (const command of [`d1 migrations apply ${database} --remote`, `d1 export ${database} --remote`])
    expect(page).toContain(`npx wrangler ${command}`);
  for (const [limit, value] of [
    ['Body of a request', '100 MB'],
    ['D1 database', '10 GB'],
    ['Memory of an isolate', '128 MB'],
  ])
    expect(page).toMatch(new RegExp(`^\\| ${limit} +\\| ${value}`, 'm'));
  for (const section of ['Backups', 'Bounce mail', 'Logs']) expect(page).toContain(`\n## ${section}\n`);
});
