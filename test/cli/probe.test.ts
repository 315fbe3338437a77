// `presend probe`, as a process that reaches a stand-in mail host through a SOCKS5 proxy.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';
import { proberAddress, proberSettings, proberZone } from '../http/smtp-stand-in.ts';
import { type PeerParts, peer } from '../mailbox/peers.ts';
import { presend } from './program.ts';

const zone: Zone = {
  ...proberZone,
  net: {},
  'sound.net': { MX: [[10, 'mx.sound.net'] as [number, string]] },
  'mx.sound.net': { A: ['198.51.100.7'] },
  'inside.net': { MX: [[10, 'mx.inside.net'] as [number, string]] },
  'mx.inside.net': { A: ['127.0.0.1'] },
  'yahoo.net': { MX: [[10, 'mta5.am0.yahoodns.net'] as [number, string]] },
  'mta5.am0.yahoodns.net': { A: ['198.51.100.8'] },
};

/** The mail host that is asked about nobody: it says from which address it sees its clients. */
const wellKnown = '198.41.0.9';
const ehlo = `250-mx.example.net at your service, [${proberAddress}]\r\n250 SIZE 10240000\r\n`;

/** A SOCKS5 proxy, behind which every other address is the same mail host. Notes the commands that the host gets. */
async function proxyToPeer(parts: PeerParts, commands: string[]): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Uint8Array.from([5, 0]));
      socket.once('data', (request) => {
        const isWellKnown = request.subarray(4, 8).join('.') === wellKnown;
        socket.write(Uint8Array.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        const script = peer(isWellKnown ? { ehlo } : parts)();
        const hands = {
          say: (text: string) => void socket.write(text),
          sayBytes: (bytes: Uint8Array) => void socket.write(bytes),
          hangUp: () => void socket.end(),
          after: () => {},
        };
        script('', hands);
        let text = '';
        socket.on('data', (bytes) => {
          text += bytes;
          for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
            const line = text.slice(0, end);
            text = text.slice(end + 2);
            if (!isWellKnown) commands.push(line);
            script(line, hands);
          }
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function machine(parts: PeerParts = {}, changed: Zone = {}) {
  const commands: string[] = [];
  const doh = await startDohServer({ ...zone, ...changed });
  onTestFinished(() => doh.close());
  const folder = mkdtempSync(join(tmpdir(), 'presend-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const environment = {
    DOH_URLS: doh.url,
    DATABASE_PATH: join(folder, 'presend.db'),
    SMTP_HELO_NAME: proberSettings.SMTP_HELO_NAME,
    SMTP_MAIL_FROM: proberSettings.SMTP_MAIL_FROM,
    PROBE_PROXY: await proxyToPeer(parts, commands),
  };
  return { environment, commands };
}

test('exists and unknown; a second run asks nobody', async () => {
  const { environment, commands } = await machine();
  const first = await presend(['probe', 'jane@sound.net', 'dead@sound.net'], { environment });
  expect(first.stdout).toMatch(
    /^exists {8}jane@sound\.net, smtp \S+Z\nunknown_user {2}dead@sound\.net, smtp \S+Z\n$/,
  );
  expect(first.status).toBe(1);
  expect(commands).toContain('EHLO probe.quick-otter.net');
  expect(commands).toContain('MAIL FROM:<postmaster@quick-otter.net> SIZE=2048');
  const sent = commands.length;
  const second = await presend(['probe', '--json', 'jane@sound.net'], { environment });
  expect(second.status).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({
    email: 'jane@sound.net',
    proof: 'exists',
    cause: null,
    basis: 'smtp',
    retry_at: null,
  });
  expect(commands).toHaveLength(sent);
});

test('presend check --proof asks, and a person is asked about once', async () => {
  const { environment, commands } = await machine();
  const addresses = ['jane@sound.net', 'dead@sound.net', 'jane@inside.net', 'mailbox-full@presend.test'];
  const first = await presend(['check', '--proof', '--json', ...addresses], { environment });
  const verdicts = first.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(verdicts.map(({ reason, mailbox }) => [reason, mailbox?.proof, mailbox?.cause])).toEqual([
    ['no_known_obstacle', 'exists', null],
    ['mailbox_unknown', 'unknown_user', null],
    ['unroutable_mail_host', undefined, undefined],
    ['mailbox_full', 'full', null],
  ]);
  expect(first.status).toBe(1);
  const sent = commands.length;
  expect((await presend(['check', 'jane@sound.net', '--proof'], { environment })).status).toBe(0);
  expect(commands).toHaveLength(sent);
});

test('presend clean --proof writes ps_mailbox, and the forecast has the measured share of catch-alls', async () => {
  const { environment, commands } = await machine();
  const folder = mkdtempSync(join(tmpdir(), 'presend-proof-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const list = join(folder, 'list.csv');
  writeFileSync(
    list,
    'email\njane@sound.net\ndead@sound.net\nkim@sound.net\njane@yahoo.net\njane@sound.net\n',
  );
  const run = await presend(['clean', list, '-o', join(folder, 'clean.csv'), '--proof', '--json'], {
    environment,
  });
  expect(run.status).toBe(0);
  const rows = readFileSync(join(folder, 'clean.csv'), 'utf8').trimEnd().split('\n').slice(1);
  expect(rows.map((row) => row.split(',').at(-1))).toEqual([
    ...['exists', 'unknown_user', 'exists', 'not_checked', 'exists'],
  ]);
  expect(commands.filter((command) => command.includes('<jane@sound.net>'))).toHaveLength(1);
  expect(JSON.parse(run.stdout)).toMatchObject({
    mailboxes: { exists: 2, unknown_user: 1, not_checked: 1 },
    forecast: { catch_all_share: 0 },
  });
});

test('a provider that answers everybody alike, and a host with a private address, are not asked', async () => {
  const { environment, commands } = await machine();
  const { stdout, status } = await presend(['probe', 'jane@yahoo.net', 'jane@inside.net', '--wait', '0'], {
    environment,
  });
  expect(stdout).toContain('not_checked   jane@yahoo.net (provider)\n');
  expect(stdout).toMatch(/undetermined {2}jane@inside\.net \((?:no_mail_host|resting)\)/);
  expect(status).toBe(3);
  expect(commands).toEqual([]);
});

test('a host that refuses us: what to fix is said on standard error', async () => {
  const { environment } = await machine({
    greeting: '554 5.7.1 Reverse DNS lookup failed for 192.0.2.9\r\n',
  });
  const { stdout, stderr, status } = await presend(['probe', 'jane@sound.net'], { environment });
  expect(stdout).toMatch(/^refused_us {4}jane@sound\.net \(reverse_dns\), ask again after \S+Z\n$/);
  expect(stderr).toContain(
    'presend: sound.net refuses to answer presend about mailboxes (reverse_dns). The sending IP address needs a PTR',
  );
  expect(status).toBe(3);
});

test('a fault of the set-up: nobody is asked, it is said what to fix, and --despite-setup asks all the same', async () => {
  const { environment, commands } = await machine({}, { '20.0.41.198.in-addr.arpa': { PTR: [] } });
  const first = await presend(['probe', 'jane@sound.net'], { environment });
  expect(first.stdout).toBe('not_checked   jane@sound.net (off)\n');
  expect(first.stderr).toMatch(/^presend: ptr_missing: /m);
  expect(first.stderr).toContain('presend probe --despite-setup asks all the same.');
  expect([first.status, commands]).toEqual([3, []]);
  const second = await presend(['probe', '--despite-setup', 'jane@sound.net'], { environment });
  expect(second.stdout).toMatch(/^exists {8}jane@sound\.net, smtp/);
  expect(second.stderr).toMatch(/^presend: ptr_missing: /m);
});

test('without port 25 there is nothing to ignore', async () => {
  const { environment } = await machine();
  const { stdout, stderr, status } = await presend(['probe', '--despite-setup', 'jane@sound.net'], {
    environment: { ...environment, PROBE_PROXY: 'socks5://127.0.0.1:9' },
  });
  expect(stdout).toBe('not_checked   jane@sound.net (off)\n');
  expect(stderr).toMatch(/^presend: port_25: No mail host could be reached on port 25 \(proxy\)/m);
  expect(stderr).toContain('This cannot be ignored');
  expect(status).toBe(3);
});

test.each([
  [{ SMTP_HELO_NAME: '' }, 'SMTP_HELO_NAME is not set'],
  [{ SMTP_MAIL_FROM: '' }, 'SMTP_MAIL_FROM is not set'],
  [{ SMTP_HELO_NAME: 'mail\r\nQUIT' }, 'SMTP_HELO_NAME must be the host name'],
  [{ SMTP_MAIL_FROM: 'me' }, 'SMTP_MAIL_FROM must be the address of a mailbox'],
  [{ PROBE_PROXY: 'http://proxy.example.com' }, 'PROBE_PROXY must be a URL'],
])('%o: %s', async (changed, message) => {
  const { environment } = await machine();
  const { stderr, status } = await presend(['probe', 'jane@sound.net'], {
    environment: { ...environment, ...changed },
  });
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
