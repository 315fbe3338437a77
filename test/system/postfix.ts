// A Postfix of its own on loopback, with its own configuration and queue.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const daemons = '/usr/lib/postfix/sbin';
const isRoot = process.getuid?.() === 0;
const isThere = existsSync(`${daemons}/smtpd`) && existsSync('/usr/sbin/postfix');

/** Whether tests that need Postfix are to be skipped, saying so in one line. */
export function skipWithoutPostfix(what: string): boolean {
  if (isThere && isRoot) return false;
  console.warn(`Skipped: ${what}. To run them: apt-get install postfix, as root`);
  return true;
}

/** The ports of one Postfix, whose smtpd has other settings on each. */
export interface Postfix {
  readonly plain: number;
  readonly soft: number;
  readonly limited: number;
  readonly encrypted: number;
  readonly postscreen: number;
  readonly strict: number;
  /** Greylists by the policy service of `policyPort`. */
  readonly greylisting: number;
  /** Postscreen with the tests after the greeting, after which every client has to come again. */
  readonly deep: number;
  close(): Promise<void>;
}

/** `policyPort`: where a policy service, such as postgrey, listens on loopback. */
export async function startPostfix(policyPort = 9): Promise<Postfix> {
  const directory = mkdtempSync(join(tmpdir(), 'presend-postfix-'));
  const path = (file: string) => join(directory, file);
  for (const folder of ['etc', 'queue', 'data']) mkdirSync(path(folder), { mode: 0o755 });
  execFileSync('chmod', ['755', directory]);
  execFileSync('chown', ['postfix', path('data')]);
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '9',
      ],
      ...['-subj', '/CN=mx.example.test', '-keyout', path('etc/key.pem'), '-out', path('etc/cert.pem')],
    ],
    { stdio: 'ignore' },
  );
  const ports = await freePorts(8);
  const [plain, soft, limited, encrypted, postscreen, strict, greylisting, deep] = ports as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  writeFileSync(
    path('etc/main.cf'),
    `compatibility_level = 3.6
queue_directory = ${path('queue')}
data_directory = ${path('data')}
daemon_directory = ${daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = ${path('data/mail.log')}
maillog_file_prefixes = ${directory}
virtual_mailbox_domains = example.test, everybody.test
virtual_mailbox_maps = texthash:${path('etc/mailboxes')}
virtual_transport = discard
smtpd_peername_lookup = no
smtpd_recipient_restrictions = check_recipient_access texthash:${path('etc/access')}, reject_unauth_destination, reject_unlisted_recipient
smtpd_tls_cert_file = ${path('etc/cert.pem')}
smtpd_tls_key_file = ${path('etc/key.pem')}
smtpd_tls_security_level = may
postscreen_greet_wait = 2s
postscreen_cache_map = internal:${path('data/postscreen')}
`,
  );
  writeFileSync(
    path('etc/mailboxes'),
    'jane@example.test x\nkim@example.test x\npostmaster@example.test x\n@everybody.test x\n',
  );
  writeFileSync(
    path('etc/access'),
    `disabled@example.test 550 5.2.1 The account is disabled
full@example.test 452 4.2.2 The mailbox is over quota
listed@example.test 554 5.7.1 Client host [127.0.0.1] blocked using zen.spamhaus.org
`,
  );
  const smtpd = (port: number, ...options: string[]) =>
    `127.0.0.1:${port} inet n - n - - smtpd\n${options.map((option) => `  -o ${option}\n`).join('')}`;
  writeFileSync(
    path('etc/master.cf'),
    [
      smtpd(plain),
      smtpd(soft, 'soft_bounce=yes'),
      smtpd(limited, 'smtpd_recipient_limit=2'),
      smtpd(encrypted, 'smtpd_tls_security_level=encrypt'),
      smtpd(strict, 'smtpd_helo_required=yes', 'smtpd_sender_restrictions=reject'),
      smtpd(
        greylisting,
        `smtpd_recipient_restrictions=reject_unauth_destination,reject_unlisted_recipient,check_policy_service,inet:127.0.0.1:${policyPort}`,
      ),
      `127.0.0.1:${deep} inet n - n - 1 postscreen\n  -o postscreen_access_list=\n  -o postscreen_pipelining_enable=yes\n  -o postscreen_cache_map=internal:${path('data/deep')}\n`,
      `127.0.0.1:${postscreen} inet n - n - 1 postscreen\n`,
      'smtpd pass - - n - - smtpd\n',
      'postlog unix-dgram n - n - 1 postlogd\n',
      ...[
        'cleanup unix n - n - 0 cleanup\n',
        'qmgr unix n - n 300 1 qmgr\n',
        'rewrite unix - - n - - trivial-rewrite\n',
      ],
      ...[
        'tlsmgr unix - - n 1000? 1 tlsmgr\n',
        'anvil unix - - n - 1 anvil\n',
        'proxymap unix - - n - - proxymap\n',
      ],
      ...[
        'discard unix - - n - - discard\n',
        'error unix - - n - - error\n',
        'verify unix - - n - 1 verify\n',
      ],
      ...['bounce unix - - n - 0 bounce\n', 'defer unix - - n - 0 bounce\n', 'trace unix - - n - 0 bounce\n'],
    ].join(''),
  );
  const postfix = (...words: string[]) =>
    execFileSync('/usr/sbin/postfix', ['-c', path('etc'), ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  postfix('check');
  const master = spawn(join(daemons, 'master'), ['-c', path('etc'), '-d'], { stdio: 'ignore' });
  for (const port of ports) await listening(port);
  return {
    ...{ plain, soft, limited, encrypted, postscreen, strict, greylisting, deep },
    close: () =>
      new Promise((resolve) => {
        master.once('exit', () => {
          rmSync(directory, { recursive: true, force: true });
          resolve();
        });
        master.kill('SIGTERM');
      }),
  };
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}

export async function listening(port: number): Promise<void> {
  for (let times = 0; times < 200; times++) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Postfix does not start');
}
