// Every failure on the way to a mail host: of DNS, the connection, TLS or the session. None is ever kept as knowledge about a mailbox or
// a domain, each leaves the address open with a time to ask again, and after it is over the true answer is found.

import { beforeEach, describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';
import type { Connect, ConnectFailure } from '../../src/mailbox/connect.ts';
import { createProber } from '../../src/mailbox/prober.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { peer } from './peers.ts';
import {
  type PeerHands,
  type Script,
  scriptedConnect,
  type VirtualTimers,
  virtualTimers,
} from './scripted-peer.ts';

const hour = 3_600_000;
const day = 24 * hour;
const addresses = ['jane@example.net', 'dead@example.net'];
const mailboxes = addresses.map((address) => {
  const parsed = parseMailbox(address);
  if (!parsed.ok) throw new Error(address);
  return parsed.mailbox;
});

const failures: Readonly<Record<string, (hands: PeerHands) => void>> = {
  'closes the connection': ({ hangUp }) => hangUp(),
  'says nothing': () => {},
  'sends something else': ({ say }) => say('HTTP/1.1 400 Bad Request\r\n'),
  'breaks off in the line': ({ say, hangUp }) => {
    say('25');
    hangUp();
  },
  'breaks off between two lines': ({ say, hangUp }) => {
    say('250-first\r\n');
    hangUp();
  },
  'sends a line that never ends': ({ say }) => say('5'.repeat(5000)),
  'shuts down': ({ say, hangUp }) => {
    say('421 4.3.2 Service shutting down\r\n');
    hangUp();
  },
};

describe('a failure on the way', () => {
  let timers: VirtualTimers;
  let database: ReturnType<typeof openDatabase>['database'];
  /** While true, the failure goes on. */
  let isFaulty: boolean;

  beforeEach(() => {
    timers = virtualTimers(Date.UTC(2026, 10, 20, 0));
    database = openDatabase(':memory:').database;
    isFaulty = true;
  });

  interface Parts {
    readonly connect?: Connect;
    readonly mailHostOf?: () => MailHost;
    readonly addressesOf?: () => Promise<readonly string[] | null>;
  }
  const mx: MailHost = { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.example.net' }] };
  const encrypting = peer({ ehlo: '250-mx.example.net\r\n250 STARTTLS\r\n' });

  const ask = async (parts: Parts, forMs: number) => {
    const seeds = { next: 7 };
    const random = () => {
      seeds.next = (seeds.next * 16_807) % 2_147_483_647;
      return seeds.next / 2_147_483_647;
    };
    const one = createProber({
      session: {
        connect: parts.connect ?? scriptedConnect(encrypting, timers),
        identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
        timers,
      },
      targets: { addressesOf: parts.addressesOf ?? (async () => ['192.0.2.1']), random },
      repository: createProbeRepository(database),
      hasher: nodeHasher(addressHashKey('a key for tests that has 32 bytes')),
      mailHostOf: parts.mailHostOf ?? (() => mx),
      newSessionName: () => crypto.randomUUID(),
    });
    const found = await timers.run(one.probe(mailboxes, { until: timers.now() + forMs }));
    return addresses.map((address) => found.get(address)!);
  };
  const kept = async () => [
    ...(await database.all<{ finding: string }>('SELECT finding FROM mailbox_proofs', [])),
    ...(await database.all<{ finding: string }>('SELECT finding FROM probed_domains', [])),
  ];
  const pass = (ms: number) => timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, ms)));

  /** That the failure left everything open, for a single question and for a long one, and that the answers are found after it. */
  async function leavesOpen(parts: Parts): Promise<void> {
    for (const forMs of [1000, 6 * hour]) {
      for (const { proof, retryAt } of await ask(parts, forMs)) {
        expect(['undetermined', 'refused_us']).toContain(proof.kind);
        expect(retryAt).toBeGreaterThan(0);
      }
      expect((await kept()).filter(({ finding }) => finding !== 'asked')).toEqual([]);
    }
    isFaulty = false;
    await pass(2 * day);
    const found = await ask(parts, hour);
    expect(found.map(({ proof, retryAt }) => [proof.kind, retryAt])).toEqual([
      ['exists', null],
      ['unknown_user', null],
    ]);
  }

  test.each(['timeout', 'servfail', 'network', 'unconfirmed'] as const)(
    'DNS does not say which the mail hosts are: %s',
    (cause) => leavesOpen({ mailHostOf: () => (isFaulty ? { kind: 'undetermined', cause } : mx) }),
  );

  test('DNS fails, and works again after 20 minutes: the question goes on', async () => {
    const started = timers.now();
    const isOver = () => timers.now() - started >= hour / 3;
    const found = await ask(
      { mailHostOf: () => (isOver() ? mx : { kind: 'undetermined', cause: 'timeout' }) },
      6 * hour,
    );
    expect(found.map(({ proof }) => proof.kind)).toEqual(['exists', 'unknown_user']);
  });

  test('DNS does not say the addresses of the mail host', () =>
    leavesOpen({ addressesOf: async () => (isFaulty ? null : ['192.0.2.1']) }));

  test.each<ConnectFailure>(['refused', 'unreachable', 'timeout', 'proxy'])('no connection: %s', (cause) => {
    const works = scriptedConnect(encrypting, timers);
    return leavesOpen({
      connect: async (target, signal) => (isFaulty ? { kind: 'failed', cause } : works(target, signal)),
    });
  });

  /** Hosts that fail when this command comes for the `nth` time in a connection. */
  const failingAt = (verb: string, nth: number, fail: (hands: PeerHands) => void) => () => {
    const inner = encrypting();
    let seen = 0;
    return ((command, hands) => {
      if (isFaulty && command.split(/[ :]/)[0] === verb && ++seen === nth) fail(hands);
      else inner(command, hands);
    }) as Script;
  };

  const stages: [string, string, number][] = [
    ['the greeting', '', 1],
    ['EHLO', 'EHLO', 1],
    ['MAIL FROM', 'MAIL', 1],
    ['the first RCPT', 'RCPT', 1],
  ];
  test.each(
    stages.flatMap(([name, verb, nth]) =>
      Object.entries(failures).map(([failure, fail]) => ({ name, failure, verb, nth, fail })),
    ),
  )('at $name, the host $failure', ({ verb, nth, fail }) =>
    leavesOpen({ connect: scriptedConnect(failingAt(verb, nth, fail), timers) }),
  );

  test.each(Object.entries(failures))('at STARTTLS and again without it, the host %s', async (_, fail) => {
    const script = () => {
      const inner = encrypting();
      return ((command, hands) => {
        if (isFaulty && (command === 'STARTTLS' || command.startsWith('MAIL'))) fail(hands);
        else inner(command, hands);
      }) as Script;
    };
    await leavesOpen({ connect: scriptedConnect(script, timers) });
  });

  // Some were answered before the failure. Nobody is told anything else than the truth, and the rest is found after it.
  test.each(
    [2, 3, 4].flatMap((nth) => Object.entries(failures).map(([failure, fail]) => ({ nth, failure, fail }))),
  )('at RCPT command $nth of each session, the host $failure', async ({ nth, failure, fail }) => {
    const parts = { connect: scriptedConnect(failingAt('RCPT', nth, fail), timers) };
    const during = (await ask(parts, 1000)).map(({ proof }) => proof.kind);
    expect(['exists', 'undetermined', 'refused_us']).toContain(during[0]);
    expect(['unknown_user', 'undetermined', 'refused_us']).toContain(during[1]);
    const said = new Set((await kept()).map(({ finding }) => finding));
    // Text that is no reply may belong to an earlier command, so the answers before it do not count, and the host has a day of rest.
    const isOutOfStep = failure === 'sends something else';
    for (const finding of [...(isOutOfStep ? [] : ['undetermined']), 'ambiguous', 'catch_all'])
      expect(said).not.toContain(finding);
    isFaulty = false;
    await pass(2 * day);
    expect((await ask(parts, hour)).map(({ proof }) => proof.kind)).toEqual(['exists', 'unknown_user']);
  });
});
