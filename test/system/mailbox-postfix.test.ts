// Probes against a real Postfix: unknown, disabled, full, catch-all, soft_bounce, recipient limits, STARTTLS, postscreen.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import { systemTimers } from '../../src/clock.ts';
import { directConnect } from '../../src/mailbox/transport/node.ts';
import type { Visit } from '../../src/mailbox/visit.ts';
import { visitHost } from '../../src/mailbox/visit-host.ts';
import { skipWithoutServers, unpack } from './debian-server.ts';
import { freePorts, listening, type Postfix, skipWithoutPostfix, startPostfix } from './postfix.ts';
import { toldBy, visitServer } from './visit-server.ts';

describe.skipIf(skipWithoutPostfix('the probes against Postfix'))('Postfix', () => {
  let postfix: Postfix;
  beforeAll(async () => {
    postfix = await startPostfix();
  }, 60_000);
  afterAll(() => postfix?.close());

  const visit = (port: number, ...names: string[]): Promise<Visit> =>
    visitHost(
      {
        connect: directConnect(),
        identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
        timers: systemTimers,
      },
      {
        targets: [{ host: 'mx.example.test', address: '127.0.0.1', port }],
        policy: { probe: 'yes', unknown: 'control', perSession: 10, betweenMs: 0, perHour: 9, perDay: 9 },
        mailboxes: names.map((name) => {
          const parsed = parseMailbox(name.includes('@') ? name : `${name}@example.test`);
          if (!parsed.ok) throw new Error(name);
          return parsed.mailbox;
        }),
        domains: new Map(),
        budget: 10,
      },
      Math.random,
    );
  const told = ({ findings }: Visit) =>
    Object.fromEntries([...findings].map(([address, { kind }]) => [address.split('@')[0], kind]));

  test('exists, unknown, disabled, full, in a session that is encrypted', async () => {
    const found = await visit(postfix.plain, 'jane', 'dead', 'disabled', 'full', 'kim');
    expect(told(found)).toEqual({
      jane: 'accepted',
      dead: 'unknown_user',
      disabled: 'disabled',
      full: 'full',
      kim: 'accepted',
    });
    expect(found.domains.get('example.test')).toEqual({ kind: 'selective' });
    expect(found).toMatchObject({ refused: null, ended: null });
  });

  test('one unknown mailbox is confirmed by the postmaster', async () => {
    expect(told(await visit(postfix.plain, 'dead'))).toEqual({ dead: 'unknown_user' });
  });

  test('catch-all', async () => {
    const found = await visit(postfix.plain, 'somebody@everybody.test');
    expect(found.domains.get('everybody.test')).toEqual({ kind: 'catch_all' });
  });

  test('a domain that it does not serve', async () => {
    expect((await visit(postfix.plain, 'jane@elsewhere.test')).findings.get('jane@elsewhere.test')).toEqual({
      kind: 'undetermined',
      cause: 'not_served',
    });
  });

  test('a blocklist in reply to RCPT is about us', async () => {
    const found = await visit(postfix.plain, 'jane', 'listed');
    expect(told(found)).toEqual({ jane: 'accepted' });
    expect(found.refused).toBe('blocked_reputation');
  });

  test('soft_bounce: nobody is unknown', async () => {
    expect(told(await visit(postfix.soft, 'dead', 'jane'))).toEqual({ dead: 'later', jane: 'accepted' });
  });

  test('a limit of two recipients: new transactions go on', async () => {
    expect(told(await visit(postfix.limited, 'jane', 'dead', 'kim'))).toEqual({
      jane: 'accepted',
      dead: 'unknown_user',
      kim: 'accepted',
    });
  });

  test('STARTTLS required', async () => {
    expect(told(await visit(postfix.encrypted, 'jane'))).toEqual({ jane: 'accepted' });
  });

  test('postscreen, which greets twice and waits for early talkers', async () => {
    expect(told(await visit(postfix.postscreen, 'jane'))).toEqual({ jane: 'accepted' });
  });

  test('a sender that is refused (Postfix says so in reply to RCPT)', async () => {
    const found = await visit(postfix.strict, 'jane', 'dead');
    expect(told(found)).toEqual({});
    expect(found.refused).not.toBeNull();
  });

  test('postscreen with deep tests: the first session is told to come again, and says nothing about anybody', async () => {
    expect(told(await visit(postfix.deep, 'jane', 'dead'))).toEqual({ jane: 'later', dead: 'later' });
    expect(told(await visit(postfix.deep, 'jane', 'dead'))).toEqual({
      jane: 'accepted',
      dead: 'unknown_user',
    });
  });
});

describe.skipIf(
  skipWithoutPostfix('the probes against postgrey') || skipWithoutServers('the probes against postgrey'),
)('postgrey behind Postfix', () => {
  let root: string;
  let postgrey: ChildProcess;
  let postfix: Postfix;
  beforeAll(async () => {
    root = unpack([
      ...['postgrey', 'libberkeleydb-perl', 'libnetaddr-ip-perl', 'libnet-dns-perl'],
      ...['libnet-server-perl', 'libio-multiplex-perl'],
    ]);
    const [port] = (await freePorts(1)) as [number];
    mkdirSync(join(root, 'db'));
    execFileSync('chown', ['nobody', join(root, 'db')]);
    const libraries = execFileSync('sh', ['-c', `echo ${root}/usr/share/perl5 ${root}/usr/lib/*/perl5/*`]);
    postgrey = spawn(
      'perl',
      [
        // It runs in taint mode, in which Perl ignores PERL5LIB.
        ...[
          '-T',
          ...String(libraries)
            .trim()
            .split(' ')
            .map((folder) => `-I${folder}`),
        ],
        join(root, 'usr/sbin/postgrey'),
        ...[
          `--inet=127.0.0.1:${port}`,
          '--delay=2',
          `--dbdir=${root}/db`,
          '--user=nobody',
          '--group=nogroup',
        ],
        ...['--whitelist-clients=/dev/null', '--whitelist-recipients=/dev/null'],
      ],
      { stdio: 'ignore' },
    );
    await listening(port);
    postfix = await startPostfix(port);
  }, 120_000);
  afterAll(async () => {
    await postfix?.close();
    postgrey?.kill('SIGKILL');
    if (root) rmSync(root, { recursive: true, force: true });
  });

  test('who exists is asked again, with the time that postgrey names; who is unknown is told at once', async () => {
    const ask = () =>
      visitServer(
        { address: '127.0.0.1', port: postfix.greylisting },
        ...['jane@example.test', 'dead@example.test', 'kim@example.test'],
      );
    expect(toldBy(await ask())).toMatchObject({ jane: 'later', kim: 'later' });
    // Two seconds later the same three are accepted. The postmaster, a control question, is greylisted by itself.
    await expect
      .poll(async () => toldBy(await ask()), { timeout: 20_000, interval: 1000 })
      .toEqual({ jane: 'accepted', dead: 'unknown_user', kim: 'accepted' });
  });
});
