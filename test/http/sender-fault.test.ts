// "Is it me or my list?" from one end to the other: SPF in BIND breaks at 08:40, receivers refuse mail with 5.7.26 from nine on,
// and the report, the incident, the page and the command line name the record. The clock is the test's.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../src/client/webhook.ts';
import { systemTimers } from '../../src/clock.ts';
import { presend } from '../cli/program.ts';
import { type Named, skipWithoutNamed, startNamed } from '../preflight/named.ts';
import { rootHead, senderZone } from '../preflight/zone-text.ts';
import { type NodeService, startNodeService } from './node-service.ts';

const hour = 3_600_000;
const minute = 60_000;
const day = 24 * hour;
const today = Date.UTC(2026, 10, 20);
const adminKey = 'an-admin-key-for-tests';
const vendorSecret = 'a-shared-secret-of-a-vendor';
const callbackSecret = `whsec_${btoa('a secret of the tests, thirty-two')}`;
const domain = 'sender.net';

const includes = Array.from({ length: 9 }, (_, index) => `include:s${index}.esp.net`);
const esps = [
  '$ORIGIN .',
  ...Array.from({ length: 9 }, (_, index) => `s${index}.esp.net. TXT "v=spf1 ip4:198.51.100.${index} -all"`),
];
const zoneWith = (spf: string, tail: readonly string[] = []): string =>
  [rootHead, senderZone(domain, { spf }), ...esps, ...tail].join('\n');
const soundZone = zoneWith(`v=spf1 ${includes.slice(0, 2).join(' ')} -all`);
/** Nine includes, of which one has three more. */
const brokenZone = zoneWith(`v=spf1 ${includes.join(' ')} include:deep.esp.net -all`, [
  'deep.esp.net. TXT "v=spf1 include:s0.esp.net include:s1.esp.net -all"',
]);

describe.skipIf(skipWithoutNamed('the diagnosis against BIND'))('a fault of the sender', () => {
  let named: Named;
  let service: NodeService;
  let folder: string;
  let now = today + 8 * hour;
  const callbacks: { headers: Record<string, unknown>; body: string }[] = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    callbacks.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });

  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
    const response = await fetch(service.url + path, { ...init, headers });
    expect(response.status).toBe(200);
    // biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
    return (await response.json()) as any;
  };
  const checkNow = () => call('/v1/preflights', { method: 'POST', body: '{}' });

  /** Sends events through the route of a vendor's hook. */
  async function receive(events: readonly object[]): Promise<void> {
    for (const event of events) {
      const response = await fetch(`${service.url}/v1/hooks/esp/postmark`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-webhook-token': vendorSecret },
        body: JSON.stringify(event),
      });
      expect(response.status).toBe(200);
    }
  }

  let ids = 0;
  const providers = ['gmail.com', 'outlook.com', 'yahoo.com'];
  const mailTo = (count: number, event: (address: string, id: string) => object) =>
    providers.flatMap((host) => Array.from({ length: count }, () => event(`p${++ids}@${host}`, `m${ids}`)));
  const deliveredAt = (at: number) => (Recipient: string, MessageID: string) => ({
    ...{ RecordType: 'Delivery', Recipient, MessageID },
    DeliveredAt: new Date(at).toISOString(),
  });
  const refusedAt = (at: number) => (Email: string, MessageID: string) => ({
    ...{ RecordType: 'Bounce', Type: 'SpamNotification', ID: ids, Email, MessageID },
    Details: '550-5.7.26 This mail has been blocked because the sender is unauthenticated.',
    BouncedAt: new Date(at).toISOString(),
  });

  beforeAll(async () => {
    named = await startNamed(soundZone, 'broken.net');
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    folder = mkdtempSync(join(tmpdir(), 'presend-sender-'));
    service = await startNodeService({
      zone: {},
      timers: { ...systemTimers, now: () => now },
      settings: {
        ...{ DOH_URLS: '', DNS_SERVERS: `127.0.0.1:${named.at.port}`, ADMIN_KEY: adminKey },
        ...{ ESP_POSTMARK_SHARED_SECRETS: vendorSecret, DATABASE_PATH: join(folder, 'presend.db') },
        PREFLIGHT_DOMAINS: `${domain} selector=s1`,
        PREFLIGHT_CALLBACK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
        ...{ CALLBACK_SECRET: callbackSecret, CALLBACK_TARGETS: 'loopback' },
      },
    });
  }, 60_000);
  afterAll(async () => {
    await service?.stop();
    await named?.close();
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('at eight the records are right', async () => {
    // The service checks when it starts.
    await expect
      .poll(async () => (await call('/v1/preflights')).items[0].checked_at, { timeout: 20_000 })
      .not.toBe(null);
    expect(await call('/v1/preflights')).toMatchObject({
      items: [
        { domain, checked_at: '2026-11-20T08:00:00.000Z', counts: { error: 0, warning: 0 }, changes: [] },
      ],
    });
    for (const daysAgo of [12, 9, 6, 3, 1]) await receive(mailTo(6, deliveredAt(now - daysAgo * day)));
  });

  test('at 08:40 SPF breaks: the log, the callback and an incident say so once, with both states', async () => {
    await named.publish(brokenZone);
    now = today + 8 * hour + 40 * minute;
    await checkNow();
    const { items } = await checkNow();
    expect(items).toMatchObject([
      {
        counts: { error: 1 },
        findings: expect.arrayContaining([
          expect.objectContaining({
            ...{ code: 'spf_too_many_lookups', about: domain },
            ...{ first_seen_at: '2026-11-20T08:40:00.000Z', unseen_at: '2026-11-20T08:00:00.000Z' },
          }),
        ]),
        changes: [{ appeared: [{ code: 'spf_too_many_lookups' }] }],
      },
    ]);
    const { items: incidents } = await call('/v1/reports/incidents?kind=sender_dns');
    expect(incidents).toMatchObject([
      {
        ...{ kind: 'sender_dns', cause: 'sender', scope: { domain }, severity: 'critical' },
        change: {
          values: expect.arrayContaining([{ name: `spf look-ups of ${domain}`, before: '2', after: '12' }]),
        },
      },
    ]);
    const changed = service.log
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'sender_dns_changed');
    expect(changed).toMatchObject([{ level: 'warning', domain, appeared: ['spf_too_many_lookups'] }]);
    expect(callbacks).toHaveLength(1);
    const [{ headers, body }] = callbacks as [(typeof callbacks)[number]];
    const message = await verifyWebhook(
      { headers: headers as Record<string, string>, body },
      callbackSecret,
      { now },
    );
    expect(message).toMatchObject({ type: 'sender_dns.changed', data: { domain } });
  });

  test('from nine on mail bounces with 5.7.26: the sentence names the record, everywhere', async () => {
    now = today + 10 * hour;
    await receive([...mailTo(4, deliveredAt(now - hour)), ...mailTo(20, refusedAt(now - 50 * minute))]);
    now += 10 * minute;
    await service.maintain();

    const sentence = expect.stringMatching(
      /^It is you, not your list: 5\.7\.26 at three providers \(.*\) since 09:00 UTC \(60 messages.*\); SPF of sender\.net has needed 12 DNS look-ups since 08:40 UTC, and 10 are allowed: remove one of .*include:deep\.esp\.net \(3\)/,
    );
    const { sender_or_list } = await call('/v1/reports/bounces');
    expect(sender_or_list).toMatchObject({ answer: 'sender', certainty: 'likely', sentence });
    const { items } = await call('/v1/reports/incidents?kind=authentication');
    expect(items).toMatchObject([
      {
        diagnosis: {
          ...{ cause: 'authentication', blame: 'sender', certainty: 'likely' },
          ...{ domain, finding: 'spf_too_many_lookups', since: '2026-11-20T09:00:00.000Z' },
        },
      },
    ]);
    expect(sender_or_list.incidents[0]).toBe(items[0].id);
    const page = await fetch(`${service.url}/reports`, {
      headers: { authorization: `Basic ${btoa(`reader:${adminKey}`)}` },
    });
    expect(await page.text()).toContain(sender_or_list.sentence);
    const said = service.log
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'incident_diagnosed');
    expect(said).toMatchObject([
      { cause: 'authentication', blame: 'sender', finding: 'spf_too_many_lookups' },
    ]);

    // The command line reads the same database.
    await service.database.run(`VACUUM INTO '${join(folder, 'presend.db')}'`);
    const environment = { DATABASE_PATH: join(folder, 'presend.db') };
    const { stdout } = await presend(['incidents'], { cwd: folder, environment });
    expect(stdout.split('\n')[0]).toBe(sender_or_list.sentence);
  });

  test('the record is mended: the incident about it closes', async () => {
    await named.publish(soundZone);
    now += hour;
    await checkNow();
    expect((await call('/v1/reports/incidents?kind=sender_dns&status=all')).items).toMatchObject([
      { closed_at: new Date(now).toISOString() },
    ]);
    expect(callbacks).toHaveLength(2);
  });
});
