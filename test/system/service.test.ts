// The whole way, as deployed: a request to the running service, DNS over HTTPS to dnsdist and BIND, SQLite in a file.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dnsServerText } from '../../src/dns/transport/plain.ts';
import { emptyFolder, presend, presendServe } from '../cli/program.ts';
import { type DnsServers, skipWithoutDnsServers, startDnsServers } from './dns-servers.ts';

describe.skipIf(skipWithoutDnsServers('the system tests of the service'))(
  'presend with dnsdist and BIND',
  () => {
    let servers: DnsServers;
    beforeAll(async () => {
      servers = await startDnsServers();
    }, 20_000);
    afterAll(() => servers?.close());

    const expected: readonly (readonly [string, string, string, string | null])[] = [
      ['jane@mail-shop.net', 'deliverable', 'no_known_obstacle', null],
      ['jane@gmail.com', 'deliverable', 'no_known_obstacle', null],
      ['jane@gmial.com', 'undeliverable', 'domain_typo', '5.1.2'],
      ['jane@gmail.con', 'undeliverable', 'domain_typo', '5.1.2'],
      ['jane@alias-shop.net', 'deliverable', 'no_known_obstacle', null],
      ['jane@null-mx.net', 'undeliverable', 'null_mx', '5.1.10'],
      ['jane@missing-name.net', 'undeliverable', 'domain_nonexistent', '5.1.2'],
      ['jane@no-data.net', 'undeliverable', 'no_mail_host', '5.1.2'],
      ['jane@private-mx.net', 'undeliverable', 'unroutable_mail_host', '5.4.4'],
      ['jane@implicit-a.net', 'risky', 'implicit_mx', '4.4.1'],
      ['jane@servfail.net', 'unknown', 'dns_undetermined', '4.4.3'],
      ['jane@refused.net', 'unknown', 'dns_undetermined', '4.4.3'],
      ['jane@loop-one.net', 'unknown', 'dns_undetermined', '4.4.3'],
      ['jane@slow.net', 'unknown', 'dns_undetermined', '4.4.3'],
    ];

    async function verdicts(url: string) {
      const response = await fetch(`${url}/v1/validate/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ emails: expected.map(([email]) => email) }),
      });
      const { results } = (await response.json()) as {
        results: { email: string; result: string; reason: string; bounce: { status: string | null } }[];
      };
      return results.map(({ email, result, reason, bounce }) => [email, result, reason, bounce.status]);
    }

    test('every kind of domain has its verdict', { timeout: 20_000 }, async () => {
      const { url } = await presendServe(emptyFolder(), { DOH_URLS: servers.url });
      expect(await verdicts(url)).toEqual(expected);
    });

    test('over plain DNS just so', { timeout: 20_000 }, async () => {
      const server = dnsServerText(servers.plain);
      const { url, output } = await presendServe(emptyFolder(), { DNS_SERVERS: server });
      expect(output.stdout).toContain(`resolvers  ${server}\n`);
      expect(await verdicts(url)).toEqual(expected);
      const { checks } = (await (await fetch(`${url}/readyz`)).json()) as { checks: object[] };
      expect(checks).toContainEqual({ name: `resolver ${server}`, ok: true });
    });

    test.each([
      ['check', ['check', 'jane@null-mx.net'], 'null_mx'],
      ['clean', ['clean', '-', '--json'], '"null_mx"'],
    ])('%s asks over plain DNS', async (_, args, reason) => {
      const environment = { DNS_SERVERS: dnsServerText(servers.plain) };
      const { stdout, stderr } = await presend(args, { environment, input: 'email\njane@null-mx.net\n' });
      expect(stdout + stderr).toContain(reason);
    });

    test('over TLS and HTTP/2 just so', { timeout: 20_000 }, async () => {
      const folder = emptyFolder();
      const certificate = join(folder, 'certificate.pem');
      writeFileSync(certificate, servers.certificate);
      const environment = { DOH_URLS: servers.tlsUrl, NODE_EXTRA_CA_CERTS: certificate };
      const { url } = await presendServe(folder, environment);
      expect(await verdicts(url)).toEqual(expected);
    });

    test('a resolver whose certificate nobody vouches for is not believed', { timeout: 20_000 }, async () => {
      const { url } = await presendServe(emptyFolder(), {
        DOH_URLS: servers.tlsUrl,
        VALIDATE_TIMEOUT_MS: '500',
      });
      for (const [email, result] of await verdicts(url))
        expect(result, email!).toBe(/gmial|\.con$/.test(email!) ? 'risky' : 'unknown');
    });

    test('with the first resolver refusing, the second answers', async () => {
      const refusing = servers.url.replace('/dns-query', '/no-such-path');
      const environment = { DOH_URLS: `${refusing},${servers.url}` };
      const { stdout, status } = await presend(['check', '--json', 'jane@mail-shop.net'], { environment });
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ result: 'deliverable' });
    });
  },
);
