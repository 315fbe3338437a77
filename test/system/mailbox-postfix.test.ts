// Probes against a real Postfix: unknown, disabled, full, catch-all, soft_bounce, recipient limits, STARTTLS, postscreen.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import { systemTimers } from '../../src/clock.ts';
import { directConnect } from '../../src/mailbox/transport/node.ts';
import { type Visit, visitHost } from '../../src/mailbox/visit-host.ts';
import { type Postfix, skipWithoutPostfix, startPostfix } from './postfix.ts';

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
});
