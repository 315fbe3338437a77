// Probes against a real Exim: unknown users, aliases that fail or defer, callouts, deny with 4xx, discard, drops, rates.

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebianServer, skipWithoutServers, startDebianServer, unpack } from './debian-server.ts';
import { toldBy, visitServer } from './visit-server.ts';

/** Behind Exim there is another one on port 2525, which it asks by callout. */
const configuration = (directory: string, address: string, isBehind: boolean): string => `
primary_hostname = mx.exim.test
spool_directory = ${directory}/${isBehind ? 'behind' : 'front'}
log_file_path = ${directory}/${isBehind ? 'behind' : 'front'}/%slog
pid_file_path = ${directory}/${isBehind ? 'behind' : 'front'}.pid
local_interfaces = ${isBehind ? '127.0.0.1.2525' : `${address}.25`}
tls_advertise_hosts =
keep_environment =
rfc1413_query_timeout = 0s
host_lookup =
smtp_accept_max_per_host = 20
acl_smtp_rcpt = rcpt
acl_smtp_mail = mail

begin acl
mail:
  accept
rcpt:
  defer local_parts = later
        message = 4.2.1 The mailbox is busy, try again later
  deny  local_parts = soft
        message = 450 4.2.0 Mailbox temporarily disabled
        log_message = a deny with a 4xx
  discard local_parts = black
  drop  local_parts = gone
        message = 5.7.1 Go away
  deny  local_parts = listed
        message = $sender_host_address is listed at zen.spamhaus.org
  deny  local_parts = group
        message = 5.7.1 Only members may write to this list
  accept domains = everybody.test
  require message = relay not permitted
          domains = exim.test : behind.test : down.test
  require verify = recipient/callout=5s,no_cache
  accept

begin routers
behind:
  driver = manualroute
  domains = behind.test
  transport = smtp
  route_list = * 127.0.0.1::2525 byname
  self = send
  condition = ${isBehind ? 'no' : 'yes'}
down:
  driver = manualroute
  domains = down.test
  transport = smtp
  route_list = * 127.0.0.1::2526 byname
  self = send
aliases:
  driver = redirect
  domains = exim.test
  data = \${lookup{$local_part}lsearch{${directory}/aliases}}
  allow_fail
  allow_defer
  forbid_file
  forbid_pipe
users:
  driver = accept
  domains = exim.test : ${isBehind ? 'behind.test' : ''}
  local_parts = jane : kim : postmaster
  transport = sink

begin transports
sink:
  driver = appendfile
  file = /dev/null
  user = nobody
smtp:
  driver = smtp
  port = 2525
  hosts_try_fastopen =

begin retry
* * F,1h,10m
`;

const aliases = `closed: :fail: This account has been closed
moved: :fail: 551 5.1.6 This person has moved
full: :fail: 552 5.2.2 Mailbox is full
overfull: :defer: 452 4.2.2 Mailbox over quota
paused: :defer: the mail store is down
hole: :blackhole:
`;

describe.skipIf(skipWithoutServers('the probes against Exim'))('Exim', () => {
  let exim: DebianServer;
  let root: string;
  beforeAll(async () => {
    root = unpack(['exim4-daemon-light', 'exim4-base', 'libidn12']);
    exim = await startDebianServer({
      name: 'exim',
      root,
      users: ['Debian-exim'],
      files: (directory, address) => ({
        'front.conf': configuration(directory, address, false),
        'behind.conf': configuration(directory, address, true),
        aliases,
      }),
      start: (directory) => `
        mkdir -p ${directory}/front ${directory}/behind
        chown -R Debian-exim:Debian-exim ${directory}/front* ${directory}/behind* ${directory}/aliases
        chown root:root ${directory}/*.conf
        export LD_LIBRARY_PATH=$(echo ${root}/usr/lib/*-linux-gnu)
        ${root}/usr/sbin/exim4 -C ${directory}/behind.conf -bdf &
        exec ${root}/usr/sbin/exim4 -C ${directory}/front.conf -bdf`,
    });
  }, 120_000);
  afterAll(async () => {
    await exim?.close();
    if (root) rmSync(root, { recursive: true, force: true });
  });

  const ask = (...names: readonly string[]) =>
    visitServer(exim, ...names.map((name) => (name.includes('@') ? name : `${name}@exim.test`)));

  test('exists and unknown', async () => {
    const visit = await ask('jane', 'dead', 'kim');
    expect(toldBy(visit)).toEqual({ jane: 'accepted', dead: 'unknown_user', kim: 'accepted' });
    expect(visit.domains.get('exim.test')).toEqual({ kind: 'selective' });
  });

  test('aliases that fail', async () => {
    expect(toldBy(await ask('jane', 'closed', 'moved', 'full', 'kim'))).toEqual({
      jane: 'accepted',
      closed: 'disabled',
      moved: 'disabled',
      full: 'full',
      kim: 'accepted',
    });
  });

  test('aliases that defer, and a defer by the ACL, are asked again', async () => {
    const visit = await ask('overfull', 'paused', 'later', 'soft', 'jane');
    expect(toldBy(visit)).toEqual({
      overfull: 'full',
      paused: 'later',
      later: 'later',
      // Exim makes a 550 of it, whatever the message says.
      soft: 'undetermined ambiguous',
      jane: 'accepted',
    });
  });

  test('callout: the server behind knows who exists', async () => {
    expect(toldBy(await ask('jane@behind.test', 'dead@behind.test', 'kim@behind.test'))).toEqual({
      jane: 'accepted',
      dead: 'unknown_user',
      kim: 'accepted',
    });
  });

  test('callout to a server that is down: nobody is unknown', async () => {
    expect(toldBy(await ask('jane@down.test', 'dead@down.test'))).toEqual({ jane: 'later', dead: 'later' });
  });

  test('discard and a black hole take mail like a mailbox: only a made-up name tells the first from a catch-all', async () => {
    expect(toldBy(await ask('black', 'hole', 'dead'))).toEqual({
      black: 'accepted',
      hole: 'accepted',
      dead: 'unknown_user',
    });
    const visit = await ask('jane@everybody.test');
    expect(visit.domains.get('everybody.test')).toEqual({ kind: 'catch_all' });
  });

  test('a list for members only is about that list', async () => {
    const visit = await ask('jane', 'group', 'kim');
    expect(toldBy(visit)).toEqual({ jane: 'accepted', group: 'undetermined ambiguous', kim: 'accepted' });
    expect(visit.refused).toBeNull();
  });

  test('a blocklist is about us', async () => {
    const visit = await ask('jane', 'listed', 'kim');
    expect(toldBy(visit)).toEqual({ jane: 'accepted' });
    expect(visit.refused).toBe('blocked_reputation');
  });

  test('a drop, which answers 550 and hangs up, proves nothing', async () => {
    const visit = await ask('jane', 'gone', 'dead');
    expect(toldBy(visit)).toEqual({ jane: 'accepted' });
    expect(visit.refused ?? visit.ended?.kind).toBeTruthy();
  });

  test('a domain that it does not serve', async () => {
    expect(toldBy(await ask('jane@elsewhere.test'))).toEqual({ jane: 'undetermined not_served' });
  });
});
