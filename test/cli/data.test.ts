// `presend data`: a pack is made, downloaded, checked and used by the service and by the other commands.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataDate } from '../../src/domain/data-date.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { builtInPart, newKey, onlyDisposable, packWith, signedPack } from '../packs/packs.ts';
import { fileServer } from '../platform/file-server.ts';
import { emptyFolder, presend, presendServe } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const key = newKey();
const another = { 'retired-providers': `${builtInPart('retired-providers')}\nbrisk-otter.com closed` };
const version = `${dataDate}.2`;
const next = await signedPack(packWith(another, version), key);
const file = 'presend-data.pack';
const change = `retired-providers: ${builtInPart('retired-providers').split('\n').length} entries, 1 added, 0 removed\n`;

const environment = (more: Record<string, string> = {}) => ({
  DATA_PUBLIC_KEY: key.base64,
  DATA_DIR: '.',
  DATA_TARGETS: 'private',
  DOH_URLS: doh.url,
  ...more,
});

const serving = (bytes: Uint8Array) => fileServer((_, response) => response.end(bytes));
const update = (cwd: string, args: string[], more: Record<string, string> = {}) =>
  presend(['data', 'update', ...args], { cwd, environment: environment(more) });

test('a pack of the built-in lists is made, and is current', async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'key.pem'), key.pem);
  const made = await presend(['data', 'pack', '--key', 'key.pem', '-o', 'a.pack'], { cwd });
  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(made.stdout).toMatch(new RegExp(`^a\\.pack: version ${dataDate}, \\d+ bytes\nDATA_PUBLIC_KEY=`));
  expect(made.stdout).toContain(`DATA_PUBLIC_KEY=${key.base64}\n`);
  expect(await update(cwd, ['--file', 'a.pack'])).toEqual({
    status: 0,
    stdout: `Version ${dataDate} is in use already.\n`,
    stderr: '',
  });
  expect(readdirSync(cwd).sort()).toEqual(['a.pack', 'key.pem']);
});

test('a dry run prints the changes, and writes nothing', async () => {
  const cwd = emptyFolder();
  expect(await update(cwd, ['--dry-run'], { DATA_URL: await serving(next) })).toEqual({
    status: 0,
    stdout: `${change}Version ${version} would replace ${dataDate}. Nothing was written.\n`,
    stderr: '',
  });
  expect(readdirSync(cwd)).toEqual([]);
});

test('a pack is downloaded, and then in use in the service and in the other commands', {
  timeout: 120_000,
}, async () => {
  const cwd = emptyFolder();
  const url = await serving(next);
  expect(await update(cwd, ['--url', url], { DATA_URL: 'https://127.0.0.1:1/unused' })).toEqual({
    status: 0,
    stdout: `${change}Version ${version} replaces ${dataDate}: ${file}\n`,
    stderr: '',
  });
  expect(readFileSync(join(cwd, file)).equals(next)).toBe(true);
  expect((await update(cwd, [], { DATA_URL: url })).stdout).toBe(`Version ${version} is in use already.\n`);

  const status = await presend(['data', 'status'], { cwd, environment: environment() });
  expect(status.stdout).toMatch(new RegExp(`^version ${version}, \\d+ days old, ${file}\n$`));
  const check = ['check', '--json', 'jane@brisk-otter.com'];
  const checked = await presend(check, { cwd, environment: environment() });
  expect(JSON.parse(checked.stdout)).toMatchObject({ reason: 'retired_provider' });

  const { url: service, output } = await presendServe(cwd, environment());
  const health = await (await fetch(`${service}/healthz`)).json();
  expect(health).toMatchObject({ status: 'ok', data: { date: dataDate, version } });
  expect(await (await fetch(`${service}/metrics`)).text()).toContain(
    `presend_data_info{version="${version}"} 1\n`,
  );
  expect(output.stdout).toContain('"event":"data_pack_used"');
});

test('a damaged pack is reported, and the built-in lists are used', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, file), next.slice(0, -100));
  const { url, output } = await presendServe(cwd, environment());
  const health = await (await fetch(`${url}/healthz`)).json();
  expect(health).toMatchObject({ data: { version: dataDate } });
  const line = output.stdout.split('\n').find((text) => text.includes('data_pack_failed'))!;
  expect(JSON.parse(line)).toMatchObject({
    level: 'error',
    why: expect.stringMatching(/^The signature is not/),
    message: expect.stringMatching(/presend data update/),
  });
  const status = await presend(['data', 'status'], { cwd, environment: environment() });
  expect(status).toMatchObject({ status: 1, stdout: expect.stringContaining('built into this release') });
  const checked = await presend(['check', 'jane@brisk-otter.com'], { cwd, environment: environment() });
  expect(checked).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('presend-data.pack is not used.'),
  });
  const replaced = await update(cwd, ['--url', await serving(next)]);
  expect(replaced).toMatchObject({ status: 0, stderr: expect.stringContaining('is not used') });
});

test('what is refused is not written', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder();
  const pack = async (changed: Record<string, string>, of = `${dataDate}.3`, by = key) =>
    serving(await signedPack(packWith(changed, of), by));
  const refusals: [string, string[], RegExp][] = [
    [await pack({}, `${dataDate}.3`, newKey()), [], /The signature is not from a key in DATA_PUBLIC_KEY/],
    [await pack({ relays: 'no list' }), ['--force'], /has a part that cannot be read: relays\.$/m],
    [await fileServer((_, response) => response.writeHead(404).end()), ['--force'], /status 404\.$/m],
  ];
  for (const [url, more, why] of refusals) {
    const outcome = await update(cwd, ['--url', url, ...more]);
    expect(outcome).toMatchObject({ status: 1, stderr: expect.stringMatching(why) });
  }
  expect(readdirSync(cwd)).toEqual([]);
});

test('large changes and an older version need --force', { timeout: 120_000 }, async () => {
  const cwd = emptyFolder();
  const large = await serving(
    await signedPack(packWith(onlyDisposable('brisk-otter.com'), `${dataDate}.3`), key),
  );
  expect(await update(cwd, ['--url', large])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /More than 5% of the entries would change in: disposable-domains\. To accept this, use --force\.$/m,
    ),
  });
  expect(readdirSync(cwd)).toEqual([]);
  expect(await update(cwd, ['--force', '--url', large])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/1 added, \d+ removed \(more than 5%\)/),
  });
  const rollback = await serving(next);
  expect(await update(cwd, ['--url', rollback])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`Version ${version} is older than the data in use (${dataDate}.3).`),
  });
  expect(await update(cwd, ['--force', '--url', rollback])).toMatchObject({ status: 0 });
});

test('only public hosts are asked by default', async () => {
  const cwd = emptyFolder();
  const outcome = await update(cwd, ['--url', await serving(next)], { DATA_TARGETS: 'public' });
  expect(outcome).toMatchObject({ status: 1, stderr: expect.stringContaining('must begin with https://') });
});

test.each<[string[], Record<string, string>, RegExp]>([
  [[], {}, /data needs one of: update, pack, status/],
  [['update'], {}, /DATA_URL, --url or --file is required/],
  [['update', '--url', 'https://a.example', '--file', 'b'], {}, /cannot be used together/],
  [['update', '--file', 'missing.pack'], {}, /missing\.pack: no such file/],
  [['update'], { DATA_PUBLIC_KEY: '' }, /DATA_PUBLIC_KEY is required/],
  [['update'], { DATA_PUBLIC_KEY: 'abc' }, /DATA_PUBLIC_KEY must be one or more Ed25519 public keys/],
  [['update'], { DATA_URL: 'nowhere' }, /DATA_URL must be a URL/],
  [['update'], { DATA_TARGETS: 'all' }, /DATA_TARGETS must be public or private/],
  [['update'], { DATA_DIR: '', DATABASE_PATH: ':memory:' }, /DATA_DIR is required/],
  [['pack', '-o', 'a'], {}, /--key and -o are required/],
  [['pack', '--key', 'key.pem'], {}, /--key and -o are required/],
  [['pack', '--key', 'missing.pem', '-o', 'a'], {}, /missing\.pem: no such file/],
  [['pack', '--key', 'rsa.pem', '-o', 'a'], {}, /rsa\.pem: not an Ed25519 private key in PEM/],
  [['pack', '--key', 'key.pem', '-o', 'a', '--data-version', 'v1'], {}, /--data-version must be a day/],
  [['pack', '--key', 'key.pem', '-o', 'a', '--data-version', '2020-01-01'], {}, /not before/],
])('%j with %j is a wrong use', async (args, more, message) => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'key.pem'), key.pem);
  writeFileSync(join(cwd, 'rsa.pem'), 'no key');
  const outcome = await presend(['data', ...args], { cwd, environment: environment(more) });
  expect(outcome).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
});
