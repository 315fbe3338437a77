// `presend serve`: how the service starts, says where it is, refuses to start, keeps its data and stops.

import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { version } from '../../src/version.ts';
import { emptyFolder, presend, presendServe } from '../cli/program.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const post = async (url: string, body: object) =>
  (
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json();

test('prints where it listens, its docs, its resolvers and its database', async () => {
  const { url, output } = await presendServe(emptyFolder(), { DOH_URLS: doh.url });
  expect(output.stdout.split('\n').slice(0, 5)).toEqual([
    `presend ${version} listens on ${url}`,
    `  docs       ${url}/docs`,
    `  resolvers  ${new URL(doh.url).host}`,
    '  database   var/presend.db',
    '  keys       not required on loopback',
  ]);
  expect(await post(`${url}/v1/validate`, { email: 'jane@brisk-otter.com' })).toMatchObject({
    result: 'deliverable',
  });
});

test('suppressions survive a restart, and the database contains no address', async () => {
  const folder = emptyFolder();
  const email = 'jane@brisk-otter.com';
  const first = await presendServe(folder, { DOH_URLS: doh.url });
  await post(`${first.url}/v1/suppressions`, { email, reason: 'bounce', status: '5.1.1' });
  expect(await first.stop('SIGTERM')).toBe(0);

  const second = await presendServe(folder, { DOH_URLS: doh.url });
  expect(await post(`${second.url}/v1/validate`, { email })).toMatchObject({ reason: 'suppressed' });
  expect(await second.stop('SIGINT')).toBe(0);
  expect(readFileSync(join(folder, 'var/presend.db')).includes('brisk-otter')).toBe(false);
  expect(statSync(join(folder, 'var/address-hash-key')).mode & 0o077).toBe(0);

  const { status, stdout } = await presend(['check', email], {
    cwd: folder,
    environment: { DOH_URLS: doh.url },
  });
  expect([status, stdout]).toEqual([1, expect.stringContaining('suppressed')]);
});

test('another ADDRESS_HASH_KEY than before is noticed', async () => {
  const folder = emptyFolder();
  const first = await presendServe(folder, { DOH_URLS: doh.url });
  await post(`${first.url}/v1/suppressions`, { email: 'jane@brisk-otter.com', reason: 'manual' });
  await first.stop('SIGTERM');
  const second = await presendServe(folder, {
    DOH_URLS: doh.url,
    ADDRESS_HASH_KEY: 'another key, of enough bytes',
  });
  await second.stop('SIGTERM');
  expect(second.output.stdout).toContain('entries_under_another_key');
});

test.each([
  ['open to the network without a key', { HOST: '0.0.0.0' }, 'Set ADMIN_KEY'],
  ['a short ADMIN_KEY', { ADMIN_KEY: 'hunter2' }, 'ADMIN_KEY must have 16'],
  ['a short ADDRESS_HASH_KEY', { ADDRESS_HASH_KEY: 'hunter2' }, 'ADDRESS_HASH_KEY has 7 bytes'],
  ['a short TOKEN_KEY', { TOKEN_KEY: 'hunter2' }, 'TOKEN_KEY needs at least 16'],
  ['a limit that is none', { LIMITS: 'secret_key=0/60' }, 'LIMITS must be'],
  ['a limit that nobody knows', { LIMITS: 'publishable_ip=1/60,toString=1/60' }, 'LIMITS must be'],
  ['a proxy that is no address', { TRUSTED_PROXIES: '10.0.0.0/8,proxy.example' }, 'TRUSTED_PROXIES must be'],
  [
    'a trust that is none',
    { BOUNCE_TRUST: 'deliverd' },
    'BOUNCE_TRUST must be proven, delivered or all. It says what presend needs to trust a bounce message: see docs/bounces.md.',
  ],
  ['a misspelled name', { BOUNCE_TRUTS: 'proven' }, 'Did you mean BOUNCE_TRUST?'],
  ['a port that is none', { PORT: '87x' }, 'PORT must be a whole number'],
  ['a resolver in the clear', { DOH_URLS: 'http://dns.example.net/' }, 'DOH_URLS must be'],
  ['a DNS server by its name', { DNS_SERVERS: '127.0.0.1,dns.example.net' }, 'DNS_SERVERS must be'],
  [
    'two ways to ask',
    { DNS_SERVERS: '127.0.0.1', DOH_URLS: 'https://dns.example.net/' },
    'DNS_SERVERS and DOH_URLS are both set',
  ],
])('it refuses to start with %s, and says how to go on', async (_, environment, reason) => {
  const { status, stderr, stdout } = await presend(['serve'], { environment });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(reason);
  expect(stderr).not.toContain('hunter2');
});

test.each([
  ['a folder in the place of the database', { DATABASE_PATH: '.' }, null, 'The database . (DATABASE_PATH)'],
  ['a file that is no database', { DATABASE_PATH: 'file' }, 'file', 'The database file (DATABASE_PATH)'],
  ['an empty key file', { DATABASE_PATH: 'p.db' }, 'address-hash-key', 'The key in address-hash-key'],
])('it refuses to start with %s, without a stack', async (_, environment, file, reason) => {
  const cwd = emptyFolder();
  if (file !== null) writeFileSync(join(cwd, file), file === 'file' ? 'x'.repeat(4096) : '');
  const { status, stderr } = await presend(['serve'], { environment, cwd });
  expect([status, stderr]).toEqual([2, expect.stringContaining(`${reason} cannot be used: `)]);
  expect(stderr).not.toContain('    at ');
});

test('it says when the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    other.close();
  });
  const { port } = other.address() as { port: number };
  const { status, stderr } = await presend(['serve'], { environment: { PORT: String(port) } });
  expect(status).toBe(2);
  expect(stderr).toContain(`Port ${port} on 127.0.0.1 is already in use`);
});

test('SIGTERM with an event stream, half a request and an idle connection open ends within two seconds, with 0', async () => {
  const { url, stop } = await presendServe(emptyFolder(), {
    // Nothing answers there, so that the job goes on.
    DOH_URLS: 'http://127.0.0.1:9/dns-query',
  });
  const created = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: 'email\njane@brisk-otter.com\n',
  });
  const { id } = (await created.json()) as { id: string };
  const events = await fetch(`${url}/v1/jobs/${id}/events`);
  expect(events.headers.get('content-type')).toBe('text/event-stream');
  const reading = events.text().catch(() => 'cut');
  const { hostname, port } = new URL(url);
  for (const text of [
    '',
    'GET /hea',
    'POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nemail',
  ]) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
  }
  const started = performance.now();
  expect(await stop('SIGTERM')).toBe(0);
  expect(performance.now() - started).toBeLessThan(2000);
  await reading;
});

test('with a key it listens wherever it is told to', async () => {
  const { url, output } = await presendServe(emptyFolder(), {
    HOST: '0.0.0.0',
    ADMIN_KEY: 'an-admin-key-for-tests',
    DOH_URLS: doh.url,
  });
  const address = url.replace('0.0.0.0', '127.0.0.1');
  expect((await fetch(`${address}/v1/suppressions`)).status).toBe(401);
  expect(output.stdout).not.toContain('an-admin-key-for-tests');
});

test('without a resolver it says so after the start, and /readyz recovers by itself when one answers', async () => {
  const gone = await startDohServer({ 'example.com': { MX: [[0, '.']] } });
  const { port } = new URL(gone.url);
  await gone.close();
  const { url, output, stop } = await presendServe(emptyFolder(), { DOH_URLS: gone.url });
  const lines = () =>
    output.stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const events = () => lines().filter(({ event }) => event !== 'request');
  await expect.poll(() => events()[0]?.event, { timeout: 30_000 }).toBe('no_resolver_answers');
  expect(events()[0]).toMatchObject({
    time: expect.any(String),
    level: 'error',
    resolvers: { [`127.0.0.1:${port}`]: 'cannot be reached' },
    message: expect.stringContaining('every verdict that needs DNS will be "unknown"'),
  });
  expect(JSON.stringify(events()[0])).toMatch(/DNS_SERVERS=\d/);
  const ready = async () => (await fetch(`${url}/readyz`)).status;
  expect(await ready()).toBe(503);
  const back = await startDohServer({ 'example.com': { MX: [[0, '.']] } }, undefined, Number(port));
  onTestFinished(() => back.close());
  await expect.poll(ready, { timeout: 30_000, interval: 200 }).toBe(200);
  await stop('SIGTERM');
  expect(events().map(({ event }) => event)).toEqual(['no_resolver_answers', 'resolvers_answer']);
});
