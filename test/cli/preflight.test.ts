// `presend preflight`, as a process over a DNS server of a zone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';
import { goodKey } from '../preflight/zone-text.ts';
import { emptyFolder, presend } from './program.ts';

const zone: Zone = {
  net: {},
  'sound.net': { TXT: ['v=spf1 ip4:198.51.100.7 -all'], MX: [[10, 'mx.sound.net']] },
  'mx.sound.net': { A: ['198.51.100.7'] },
  '7.100.51.198.in-addr.arpa': { PTR: ['mx.sound.net'] },
  's1._domainkey.sound.net': { TXT: [[goodKey.slice(0, 200), goodKey.slice(200)]] },
  '_dmarc.sound.net': { TXT: ['v=DMARC1; p=reject; rua=mailto:a@sound.net'] },
  'ill.net': { TXT: ['v=spf1 mx ?all', 'v=evil\u001b[31m'], MX: [[10, 'mx.sound.net']] },
  '_dmarc.ill.net': { TXT: ['v=DMARC1; p=reject; rua=mailto:a@ill.net'] },
};

async function environment(records: Zone = zone) {
  const server = await startDohServer(records);
  onTestFinished(() => server.close());
  return { DOH_URLS: server.url };
}

test('a sound sender: what is right, and status 0', async () => {
  const args = ['preflight', 'Sound.net', '--ip', '198.51.100.7', '--selector', 's1'];
  const { status, stdout } = await presend(args, { environment: await environment() });
  expect(status).toBe(0);
  expect(stdout).toBe(`sound.net: no fault found
ok       SPF of sound.net: 0 of 10 look-ups
ok       SPF passes for 198.51.100.7
ok       DKIM key s1._domainkey.sound.net: rsa 2048
ok       DMARC record at sound.net: policy reject
ok       198.51.100.7 has the PTR record mx.sound.net, which resolves back to this address
skipped  blocklists: DNSBL_ZONES is not set.
`);
});

test('each finding has what was seen, what it means and what to publish; warnings alone give status 3', async () => {
  const { status, stdout } = await presend(['preflight', 'ill.net'], { environment: await environment() });
  expect(status).toBe(3);
  expect(stdout).toContain('ill.net: 1 warning, 1 note\n');
  expect(stdout).toMatch(
    /\nwarning {2}spf_neutral_all\n {9}The record "v=spf1 mx \?all" ends with "\?all"\.\n/,
  );
  expect(stdout).toContain('\n         Bounces: 5.7.23, 5.7.26\n');
  expect(stdout).toContain('\n         Publish: ill.net  TXT  v=spf1 mx ~all\n');
});

test('an error gives status 1, and JSON is the answer of the API', async () => {
  const args = ['preflight', 'gone.net', '--json', '--bounce-domain', 'ill.net'];
  const { status, stdout } = await presend(args, { environment: await environment() });
  expect(status).toBe(1);
  const answer = JSON.parse(stdout);
  expect(Object.keys(answer)).toEqual(['domain', 'checked_at', 'findings', 'facts']);
  expect(answer.findings[0]).toMatchObject({ code: 'domain_nonexistent', severity: 'error', publish: null });
  expect(answer.facts.spf.map(({ domain }: { domain: string }) => domain)).toEqual(['ill.net', 'gone.net']);
});

test('no control character of a record reaches the terminal', async () => {
  const records: Zone = { 'evil.net': { TXT: ['v=spf1 \u001b[31mx -all'] } };
  const { stdout } = await presend(['preflight', 'evil.net'], { environment: await environment(records) });
  expect(stdout).toContain('spf_invalid');
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('no resolver that answers is a failure, not a finding', async () => {
  const args = ['preflight', 'sound.net', '--timeout', '1'];
  const { status, stdout, stderr } = await presend(args, {
    environment: { DOH_URLS: 'http://127.0.0.1:9/dns-query' },
  });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('no DNS resolver answers');
});

test.each([
  [[], 'needs one domain'],
  [['not_a_domain'], 'DOMAIN must be a domain such as example.com'],
  [['sound.net', '--ip', 'mx.sound.net'], '--ip must be an IP address'],
  [['sound.net', '--selector', 'a b'], '--selector must be a selector'],
  [['sound.net', '--bounce-domain', '10.0.0.1'], '--bounce-domain must be a domain'],
  [['sound.net', '--ip', Array.from({ length: 11 }, (_, at) => `198.51.100.${at}`).join()], 'at most 10'],
])('%j is refused', async (args, words) => {
  const { status, stderr } = await presend(['preflight', ...args]);
  expect(status).toBe(2);
  expect(stderr).toContain(words);
});

const newsletter = [
  'From: News <news@ill.net>',
  'Subject: Spring',
  'Date: Fri, 20 Nov 2026 11:00:00 +0000',
  'Message-ID: <1@ill.net>',
  'List-Unsubscribe: <https://ill.net/u>',
  '',
  'New shoes: http://bit.ly/3xyz\u001b[31m',
  '',
].join('\r\n');

test('a message from standard input: what was seen, and what to change', async () => {
  const { status, stdout } = await presend(['preflight', '--message', '-'], {
    environment: await environment(),
    input: newsletter,
  });
  expect(status).toBe(3);
  expect(stdout).toMatch(/^message from ill\.net: 3 warnings, 2 notes\n/);
  expect(stdout).toContain('\nwarning  one_click_missing\n');
  expect(stdout).toContain('\n         Header: List-Unsubscribe-Post: List-Unsubscribe=One-Click\n');
  expect(stdout).toContain('These links lead to a link shortener: http://bit.ly/3xyz');
  expect(stdout).not.toContain('\u001b');
});

test('a message in a file, as JSON, for another purpose', async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'receipt.eml'), newsletter);
  const args = [
    'preflight',
    '--message',
    'receipt.eml',
    '--purpose',
    'transactional',
    '--bounce-domain',
    'sound.net',
    '--json',
  ];
  const { stdout } = await presend(args, { environment: await environment(), cwd });
  const { domain, findings, facts } = JSON.parse(stdout);
  expect(domain).toBe('ill.net');
  expect(facts).toMatchObject({ bounce_domain: 'sound.net', spf_aligned: false });
  expect(findings.map(({ code }: { code: string }) => code)).not.toContain('one_click_missing');
});

test.each([
  [['preflight', 'ill.net', '--message', '-'], 'preflight takes either a domain or --message, not both'],
  [['preflight', '--message', 'no-such.eml'], 'no-such.eml'],
  [['preflight', '--message', '-', '--purpose', 'spam'], '--purpose must be one of marketing, transactional'],
  [['preflight', '--message', '-', '--bounce-domain', 'a'], '--bounce-domain must be a domain'],
])('%j is a mistake', async (args, words) => {
  const { status, stderr } = await presend(args);
  expect(status).toBe(2);
  expect(stderr).toContain(words);
});
