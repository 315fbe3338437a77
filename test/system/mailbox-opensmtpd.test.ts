// Probes against a real OpenSMTPD: unknown users, catch-all, rejected domains, and STARTTLS, which this one offers and cannot do.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebianServer, skipWithoutServers, startDebianServer, unpack } from './debian-server.ts';
import { toldBy, visitServer } from './visit-server.ts';

const configuration = (directory: string, address: string): string => `
pki mx.openbsd.test cert "${directory}/cert.pem"
pki mx.openbsd.test key "${directory}/key.pem"
table people { "jane@openbsd.test" = "nobody", "kim@openbsd.test" = "nobody", "postmaster@openbsd.test" = "nobody" }
table anybody { "@everybody.test" = "nobody" }
table shut { "@shut.test" }
listen on ${address} port 25 hostname mx.openbsd.test
listen on ${address} port 2525 tls pki mx.openbsd.test hostname mx.openbsd.test
action "people" mda "cat >/dev/null" virtual <people>
action "anybody" mda "cat >/dev/null" virtual <anybody>
match from any for domain "shut.test" reject
match from any for domain "openbsd.test" action "people"
match from any for domain "everybody.test" action "anybody"
`;

describe.skipIf(skipWithoutServers('the probes against OpenSMTPD'))('OpenSMTPD', () => {
  let server: DebianServer;
  let root: string;
  beforeAll(async () => {
    root = unpack(['opensmtpd']);
    server = await startDebianServer({
      name: 'opensmtpd',
      root,
      users: ['opensmtpd', 'opensmtpq'],
      files: (directory, address) => ({ 'smtpd.conf': configuration(directory, address) }),
      start: (directory) => {
        execFileSync(
          'openssl',
          [
            ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes'],
            ...['-days', '9', '-subj', '/CN=mx.openbsd.test'],
            ...['-keyout', `${directory}/key.pem`, '-out', `${directory}/cert.pem`],
          ],
          { stdio: 'ignore' },
        );
        // It has fixed paths, so the folders in which it writes are its own in this mount namespace.
        return `
        mount -t tmpfs none /var/spool
        mount -t tmpfs none /var/lib
        mount -t tmpfs none /run
        mkdir -m 711 /var/spool/smtpd /run/opensmtpd
        mkdir -p -m 755 /var/lib/opensmtpd/empty
        chmod 600 ${directory}/key.pem
        exec ${root}/usr/sbin/smtpd -d -f ${directory}/smtpd.conf`;
      },
    });
  }, 120_000);
  afterAll(async () => {
    await server?.close();
    if (root) rmSync(root, { recursive: true, force: true });
  });

  const ask = (...names: readonly string[]) =>
    visitServer(server, ...names.map((name) => (name.includes('@') ? name : `${name}@openbsd.test`)));

  test('exists and unknown', async () => {
    const visit = await ask('jane', 'dead', 'kim');
    expect(toldBy(visit)).toEqual({ jane: 'accepted', dead: 'unknown_user', kim: 'accepted' });
    expect(visit.domains.get('openbsd.test')).toEqual({ kind: 'selective' });
  });

  test('one unknown mailbox is confirmed by the postmaster', async () => {
    expect(toldBy(await ask('dead'))).toEqual({ dead: 'unknown_user' });
  });

  test('catch-all', async () => {
    const visit = await ask('jane@everybody.test');
    expect(visit.domains.get('everybody.test')).toEqual({ kind: 'catch_all' });
  });

  test('a domain that it rejects, and one that it does not serve: nobody is unknown', async () => {
    for (const domain of ['shut.test', 'elsewhere.test'])
      expect(Object.values(toldBy(await ask(`jane@${domain}`, `dead@${domain}`))).join()).not.toMatch(
        /unknown_user|disabled|accepted/,
      );
  });

  // OpenSMTPD 6.8 of Debian 12 fails every handshake with OpenSSL 3. Where a later one does not, the session is encrypted.
  test('STARTTLS that fails is about the host, and no mailbox is unknown', async () => {
    const visit = await visitServer({ ...server, port: 2525 }, 'jane@openbsd.test', 'dead@openbsd.test');
    if (visit.refused === null) expect(toldBy(visit)).toEqual({ jane: 'accepted', dead: 'unknown_user' });
    else {
      expect(visit.refused).toBe('encryption_required');
      expect(toldBy(visit)).toEqual({});
    }
  });
});
