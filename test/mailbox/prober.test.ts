// Many addresses at many hosts: manners, resuming, joining, and what is told about providers that are not asked.

import { beforeEach, describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';
import type { ProbeFinding } from '../../src/mailbox/probe-finding.ts';
import { createProber, type Prober, type ProberOptions } from '../../src/mailbox/prober.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { honest, ok, type PeerParts, peer, userUnknown } from './peers.ts';
import {
  type PeerLog,
  type Script,
  scriptedConnect,
  type VirtualTimers,
  virtualTimers,
} from './scripted-peer.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

const mailboxOf = (address: string) => {
  const parsed = parseMailbox(address);
  if (!parsed.ok) throw new Error(address);
  return parsed.mailbox;
};

describe('the prober', () => {
  let timers: VirtualTimers;
  let repository: ProberOptions['repository'];
  let log: PeerLog;
  let refusals: string[];
  let seed: number;
  let sessions: number;

  beforeEach(() => {
    timers = virtualTimers(Date.UTC(2026, 10, 20, 0));
    repository = createProbeRepository(openDatabase(':memory:').database);
    log = { commands: [], connections: 0 };
    refusals = [];
    seed = 7;
    sessions = 0;
  });

  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };

  /** Each domain is its own mail host, except where `mx` says otherwise. */
  const prober = (
    script: () => Script,
    {
      mx = (domain) => `mx.${domain}`,
      ...options
    }: Partial<ProberOptions> & { mx?: (domain: string) => string } = {},
  ): Prober =>
    createProber({
      session: {
        connect: scriptedConnect(script, timers, log),
        identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
        timers,
      },
      targets: { addressesOf: async () => ['192.0.2.1'], random },
      repository,
      hasher,
      mailHostOf: (domain): MailHost =>
        domain.startsWith('nx')
          ? { kind: 'nxdomain' }
          : { kind: 'mx', exchanges: [{ preference: 10, host: mx(domain) }] },
      newSessionName: () => `${random()} ${sessions++}`,
      onRefused: (host, cause) => refusals.push(`${host} ${cause}`),
      ...options,
    });

  const told = (found: ReadonlyMap<string, ProbeFinding>) =>
    Object.fromEntries(
      [...found].map(([address, { proof }]) => [
        address,
        'cause' in proof ? `${proof.kind} ${proof.cause}` : proof.kind,
      ]),
    );
  const ask = async (one: Prober, addresses: readonly string[], until = 7 * day, signal?: AbortSignal) =>
    told(
      await timers.run(
        one.probe(addresses.map(mailboxOf), { until: timers.now() + until, ...(signal && { signal }) }),
      ),
    );
  const rcpts = () => log.commands.filter((command) => command.startsWith('RCPT'));
  const asked = (address: string) => rcpts().filter((command) => command.includes(`<${address}>`)).length;
  const answering = (rcpt: NonNullable<PeerParts['rcpt']>) => peer({ rcpt });

  test('answers are kept: exists and catch-all for 30 days, unknown for 7', async () => {
    const one = prober(peer());
    const addresses = ['jane@example.net', 'dead@example.net'];
    expect(await ask(one, addresses)).toEqual({
      'jane@example.net': 'exists',
      'dead@example.net': 'unknown_user',
    });
    const sent = rcpts().length;
    await ask(prober(peer()), addresses);
    expect(rcpts()).toHaveLength(sent);
    await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 8 * day)));
    await ask(one, addresses);
    expect([asked('jane@example.net'), asked('dead@example.net')]).toEqual([1, 2]);
    await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 23 * day)));
    await ask(one, addresses);
    expect(asked('jane@example.net')).toBe(2);
  });

  test.each([
    ['selective', '550 5.1.1 No such user here\r\n250 2.1.5 OK\r\n'],
    ['catch-all', '250 2.1.5 OK\r\n550 5.1.1 No such user here\r\n'],
  ])('of a session that ended out of step nothing stays kept: %s', async (_, twoReplies) => {
    const one = prober(answering((address) => (address.startsWith('jane') ? ok : twoReplies)));
    expect(await ask(one, ['jane@example.net'])).toEqual({ 'jane@example.net': 'undetermined protocol' });
    const [address, domain] = await hasher.hashAll(['jane@example.net', 'example.net']);
    expect(await repository.domains(hasher.keyId, [domain!], timers.now())).toEqual([]);
    expect(await repository.proofs(hasher.keyId, [address!], timers.now())).toMatchObject([
      { finding: 'undetermined', cause: 'protocol', expiresAt: expect.closeTo(timers.now() + day, -5) },
    ]);
  });

  test.each([1, 2, 3, 5, 8, 11])(
    'a process that dies after %i answers were kept: whoever had answered is not asked again',
    async (dies) => {
      const names = ['jane', 'kim', 'dead1', 'lee', 'max', 'dead2', 'ann', 'bob', 'cleo', 'dan', 'eve'];
      const addresses = names.map((name) => `${name}@example.net`);
      const host = answering((address) =>
        [...names, 'postmaster'].includes(address.split('@')[0]!) && !address.startsWith('dead')
          ? ok
          : userUnknown(address),
      );
      let kept = 0;
      const mortal: ProberOptions['repository'] = {
        ...repository,
        async keep(...results) {
          await repository.keep(...results);
          if (++kept === dies) throw new Error('killed');
        },
      };
      const first = prober(host, { repository: mortal, newSessionName: () => `old ${sessions++}` });
      await expect(ask(first, addresses)).rejects.toThrow('killed');
      await repository.endSessions('old ');
      const found = await ask(prober(host), addresses);
      expect(found).toEqual(
        Object.fromEntries(
          addresses.map((address) => [address, address.startsWith('dead') ? 'unknown_user' : 'exists']),
        ),
      );
      expect(addresses.filter((address) => asked(address) !== 1)).toEqual([]);
    },
  );

  test('a process that dies before it keeps a reply: the question is known, and asked again after all others', async () => {
    const names = ['jane', 'kim', 'lee', 'max'];
    const addresses = names.map((name) => `${name}@example.net`);
    const host = answering((address) =>
      /^(?:jane|kim|lee|max|postm)/.test(address) ? ok : userUnknown(address),
    );
    const mortal: ProberOptions['repository'] = {
      ...repository,
      async keep(...results) {
        if (asked('kim@example.net') === 1) throw new Error('killed');
        await repository.keep(...results);
      },
    };
    const first = prober(host, { repository: mortal, newSessionName: () => `old ${sessions++}` });
    await expect(ask(first, addresses)).rejects.toThrow('killed');
    const hashes = await hasher.hashAll(addresses);
    const rows = await repository.proofs(hasher.keyId, hashes, timers.now());
    const findings = new Map(rows.map(({ addressHash, finding }) => [addressHash, finding]));
    expect(hashes.map((hash) => findings.get(hash))).toEqual(['accepted', 'asked', undefined, undefined]);
    await repository.endSessions('old ');
    expect(new Set(Object.values(await ask(prober(host), addresses)))).toEqual(new Set(['exists']));
    expect(addresses.map(asked)).toEqual([1, 2, 1, 1]);
    expect(rcpts().at(-1)).toContain('kim@example.net');
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'a host that refuses everybody after five questions of a session: nobody is told unknown wrongly by what a process left that died after %i',
    async (dies) => {
      const addresses = ['dead1', 'a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}@example.net`);
      const host = answering((address, turn) =>
        turn < 5 && /^(?:.|postmaster)@/.test(address) ? ok : userUnknown(address),
      );
      let kept = 0;
      const mortal: ProberOptions['repository'] = {
        ...repository,
        async keep(...results) {
          await repository.keep(...results);
          if (++kept === dies) throw new Error('killed');
        },
      };
      await ask(
        prober(host, { repository: mortal, newSessionName: () => `old ${sessions++}` }),
        addresses,
      ).catch(() => {});
      await repository.endSessions('old ');
      const found = await ask(prober(host), addresses);
      expect(Object.entries(found).filter(([, proof]) => proof === 'unknown_user')).toEqual(
        found['dead1@example.net'] === 'unknown_user' ? [['dead1@example.net', 'unknown_user']] : [],
      );
    },
  );

  test('a refusal whose control question is put off waits for it, and the recipient is not asked again', async () => {
    let puts = 0;
    const script = answering((a, t) =>
      a.startsWith('postmaster') && puts++ === 0 ? '451 4.7.1 Greylisted\r\n' : honest(a, t),
    );
    expect(await ask(prober(script), ['dead@example.net'])).toEqual({ 'dead@example.net': 'unknown_user' });
    expect([asked('dead@example.net'), asked('postmaster@example.net')]).toEqual([1, 2]);
  });

  test('a refusal that is not confirmed within 20 minutes is no answer any longer', async () => {
    const script = answering((a, t) =>
      a.startsWith('postmaster') ? '451 4.7.1 Try again in 2 hours\r\n' : honest(a, t),
    );
    const found = await ask(prober(script), ['dead@example.net'], day);
    expect(found).toEqual({ 'dead@example.net': 'undetermined greylisted' });
    const [hash] = await hasher.hashAll(['dead@example.net']);
    expect(await repository.proofs(hasher.keyId, [hash!], timers.now())).toMatchObject([
      { finding: 'undetermined', position: null },
    ]);
  });

  test.each<[string, NonNullable<PeerParts['rcpt']>]>([
    ['refuses some', honest],
    ['refuses everybody', userUnknown],
    ['accepts everybody', () => ok],
    ['puts off everybody', () => '451 4.7.1 Greylisted, try again later\r\n'],
    ['refuses us', () => '550 5.7.1 Access denied by policy\r\n'],
    [
      'takes three recipients',
      (address, turn) => (turn < 3 ? honest(address, turn) : '452 4.5.3 Too many\r\n'),
    ],
  ])('a host that %s: before each question, all questions before it are counted', async (_, rcpt) => {
    let counted = 0;
    const uncounted: string[] = [];
    const host = answering((address, turn) => {
      if (turn === 0) counted = 0;
      if (counted !== turn) uncounted.push(`${turn} ${address}: ${counted}`);
      return rcpt(address, turn);
    });
    const counting: ProberOptions['repository'] = {
      ...repository,
      async keep(keyId, results, session) {
        await repository.keep(keyId, results, session);
        counted = session!.asked;
      },
    };
    const names = ['dead1', 'dead2', 'jane', 'dead3', 'kim', 'dead4', 'dead5', 'dead6'];
    await ask(
      prober(host, { repository: counting }),
      names.flatMap((name) => [`${name}@example.net`, `${name}@example.org`]),
    );
    expect(rcpts().length).toBeGreaterThan(0);
    expect(uncounted).toEqual([]);
  });

  test('identical questions are joined, also in other spellings of the case', async () => {
    const one = prober(peer());
    const [first, second] = await timers.run(
      Promise.all([
        one.probe([mailboxOf('jane@example.net')], { until: timers.now() + hour }),
        one.probe([mailboxOf('Jane@example.net'), mailboxOf('jane@example.net')], {
          until: timers.now() + hour,
        }),
      ]),
    );
    expect(told(first)).toEqual({ 'jane@example.net': 'exists' });
    expect(told(second)).toEqual({ 'Jane@example.net': 'exists', 'jane@example.net': 'exists' });
    expect(rcpts()).toHaveLength(2);
  });

  test('two processes ask a host one after the other, and nobody twice', async () => {
    const addresses = Array.from({ length: 30 }, (_, index) => `jane+${index}@example.net`);
    const script = answering((a, t) => (a.startsWith('jane+') ? ok : honest(a, t)));
    await timers.run(
      Promise.all(
        [prober(script), prober(script)].map((one) =>
          one.probe(addresses.map(mailboxOf), { until: timers.now() + day }),
        ),
      ),
    );
    expect(addresses.filter((address) => asked(address) !== 1)).toEqual([]);
  });

  test.each([
    ['mta5.am0.yahoodns.net', 'not_checked provider'],
    ['hotmail-com.olc.protection.outlook.com', 'not_checked provider'],
  ])('%s answers everybody alike and is not asked', async (host, expected) => {
    expect(await ask(prober(peer(), { mx: () => host }), ['jane@example.net'])).toEqual({
      'jane@example.net': expected,
    });
    expect(log.connections).toBe(0);
  });

  test('a yes of a gateway in front of the mailboxes is told as catch-all, and its no as unknown', async () => {
    const one = prober(peer(), { mx: () => 'eu-smtp-inbound-1.mimecast.com' });
    expect(await ask(one, ['jane@example.net', 'dead@example.net'])).toEqual({
      'jane@example.net': 'catch_all',
      'dead@example.net': 'unknown_user',
    });
  });

  test('a domain without a mail host, and one whose host has only private addresses', async () => {
    expect(await ask(prober(peer()), ['jane@nx.example'])).toEqual({
      'jane@nx.example': 'undetermined no_mail_host',
    });
    const inside = prober(peer(), {
      targets: { addressesOf: async () => ['10.0.0.1', '::1', '169.254.169.254', 'fd00::1'], random },
    });
    expect(await ask(inside, ['jane@example.net'])).toEqual({
      'jane@example.net': 'undetermined no_mail_host',
    });
    expect(log.connections).toBe(0);
  });

  test('greylisted addresses are asked again after 5, 15 and 60 minutes, and after all others', async () => {
    const seen: number[] = [];
    const script = answering((a, t) => {
      if (!a.startsWith('kim')) return honest(a, t);
      seen.push(timers.now());
      return seen.length < 4 ? '450 4.2.0 Greylisted\r\n' : ok;
    });
    const addresses = ['kim@example.net', 'jane@example.net'];
    expect(await ask(prober(script), addresses)).toEqual({
      'kim@example.net': 'exists',
      'jane@example.net': 'exists',
    });
    const waits = seen.slice(1).map((at, index) => Math.round((at - seen[index]!) / minute));
    expect(waits).toEqual([5, 15, 60]);
  });

  test('a single question does not wait: it says when to ask again, and goes on from there', async () => {
    let times = 0;
    const script = answering((a, t) =>
      a.startsWith('jane') && times++ === 0 ? '451 4.7.1 Greylisted, retry in 10 minutes\r\n' : honest(a, t),
    );
    const found = await timers.run(
      prober(script).probe([mailboxOf('jane@example.net')], { until: timers.now() + 30_000 }),
    );
    const { proof, retryAt } = found.get('jane@example.net')!;
    expect(proof).toEqual({ kind: 'undetermined', cause: 'greylisted' });
    expect(retryAt! - timers.now()).toBeGreaterThan(8 * minute);
    expect(await ask(prober(script), ['jane@example.net'], 30_000)).toEqual({
      'jane@example.net': 'undetermined greylisted',
    });
    expect(times).toBe(1);
    expect(await ask(prober(script), ['jane@example.net'])).toEqual({ 'jane@example.net': 'exists' });
  });

  test('a host that greylists everybody: the made-up name stays the same, and one is enough', async () => {
    const first = new Set<string>();
    const script = answering((a, t) => {
      if (first.has(a)) return honest(a, t);
      first.add(a);
      return '450 4.2.0 Greylisted\r\n';
    });
    expect(await ask(prober(script), ['jane@example.net', 'kim@example.net', 'dead@example.net'])).toEqual({
      'jane@example.net': 'exists',
      'kim@example.net': 'exists',
      'dead@example.net': 'unknown_user',
    });
    expect([...first].filter((address) => /^[a-z]{12}\d\d@/.test(address))).toHaveLength(1);
  });

  test('blocked everywhere: nobody is told undeliverable, and each host is left alone after three sessions', async () => {
    const one = prober(peer({ greeting: '554 5.7.1 192.0.2.9 listed at zen.spamhaus.org\r\n' }));
    const addresses = ['jane@example.net', 'dead@example.net', 'jane@example.org'];
    expect(Object.values(await ask(one, addresses))).toEqual(Array(3).fill('refused_us blocked_reputation'));
    expect(log.connections).toBe(6);
    expect(refusals.filter((refusal) => refusal === 'example.net blocked_reputation')).toHaveLength(3);
  });

  test('a host that rests is not asked by a single question', async () => {
    const one = prober(peer({ greeting: '554 5.7.1 Reverse DNS lookup failed\r\n' }));
    await ask(one, ['jane@example.net'], 1000);
    expect(await ask(one, ['kim@example.net'], 1000)).toEqual({
      'kim@example.net': 'refused_us reverse_dns',
    });
    expect(log.connections).toBe(1);
  });

  test('at most 10 RCPT a session, sessions apart, at most 100 an hour', async () => {
    const starts: number[] = [];
    let inSession = 0;
    let most = 0;
    const script = () => {
      starts.push(timers.now());
      inSession = 0;
      return answering((a, t) => {
        most = Math.max(most, ++inSession);
        return a.startsWith('jane') ? ok : honest(a, t);
      })();
    };
    const addresses = Array.from({ length: 150 }, (_, index) => `jane${index}@example.net`);
    const started = timers.now();
    const found = await ask(prober(script), addresses);
    expect(new Set(Object.values(found))).toEqual(new Set(['exists']));
    expect(most).toBeLessThanOrEqual(10);
    expect(Math.min(...starts.slice(1).map((at, index) => at - starts[index]!))).toBeGreaterThanOrEqual(
      10_000,
    );
    expect(timers.now() - started).toBeGreaterThanOrEqual(hour);
    expect(rcpts().length).toBeLessThanOrEqual(151 + 1);
  });

  test('a list of mostly unknown addresses stops for the day', async () => {
    const addresses = Array.from({ length: 60 }, (_, index) => `dead${index}@example.net`);
    const found = await ask(prober(peer()), addresses, 12 * hour);
    expect(rcpts().length).toBeLessThan(30);
    expect(Object.values(found).filter((one) => one === 'undetermined resting').length).toBeGreaterThan(35);
  });

  test('a host of many domains does not rest because it refuses made-up names', async () => {
    const addresses = Array.from({ length: 32 }, (_, index) => [
      `jane@d${index}.example`,
      `dead@d${index}.example`,
    ]).flat();
    const found = await ask(prober(peer(), { mx: () => 'mx.example.net' }), addresses);
    const count = (kind: string) => Object.values(found).filter((one) => one === kind).length;
    // One of two recipients exists, but the host refused two of three RCPT commands.
    expect([count('exists'), count('unknown_user')]).toEqual([32, 32]);
  });

  test('a recipient whose domain uses a blocklist does not stop the others at the same host', async () => {
    const listed = '554 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org\r\n';
    const script = answering((a, t) => (a.endsWith('@b.example') ? listed : honest(a, t)));
    const found = await ask(prober(script, { mx: () => 'mx.example.net' }), [
      'jane@b.example',
      'jane@c.example',
      'kim@d.example',
    ]);
    expect(found).toEqual({
      'jane@b.example': 'refused_us blocked_reputation',
      'jane@c.example': 'exists',
      'kim@d.example': 'exists',
    });
  });

  test('work that is stopped goes on where it was, and nobody is asked twice', async () => {
    const addresses = Array.from({ length: 60 }, (_, index) => `jane+${index}@h${index % 3}.example.net`);
    const script = answering((a, t) => (a.startsWith('jane+') ? ok : honest(a, t)));
    const mx = (domain: string) => `mx.${domain.split('.')[0]}.test`;
    for (let stop = 1; stop <= 6; stop++) {
      const controller = new AbortController();
      const before = rcpts().length;
      const watched = () => {
        const inner = script();
        return ((command, hands) => {
          if (rcpts().length > before + 7) controller.abort();
          inner(command, hands);
        }) as Script;
      };
      await ask(prober(watched, { mx }), addresses, day, controller.signal);
    }
    const found = await ask(prober(script, { mx }), addresses);
    expect(new Set(Object.values(found))).toEqual(new Set(['exists']));
    expect(addresses.filter((address) => asked(address) !== 1)).toEqual([]);
    expect(rcpts()).toHaveLength(63);
  });

  test('one address at which a host hangs does not stop the others', async () => {
    const script = () => {
      const inner = peer({ rcpt: (a, t) => (a.startsWith('jane+') ? ok : honest(a, t)) })();
      return ((command, hands) => {
        if (!command.includes('<trap@')) inner(command, hands);
      }) as Script;
    };
    const found = await ask(prober(script), ['trap@example.net', 'jane@example.net', 'kim@example.net']);
    expect(found).toEqual({
      'trap@example.net': 'undetermined timeout',
      'jane@example.net': 'exists',
      'kim@example.net': 'exists',
    });
  });

  test('a failure of storage rejects, and nobody waits for ever', async () => {
    const broken = prober(peer(), {
      repository: { ...repository, end: () => Promise.reject(new Error('disk full')) },
    });
    await expect(
      timers.run(broken.probe([mailboxOf('jane@example.net')], { until: timers.now() + hour })),
    ).rejects.toThrow('disk full');
    await expect(ask(broken, ['nobody@nx.example'])).resolves.toEqual({
      'nobody@nx.example': 'undetermined no_mail_host',
    });
  });

  test('progress is told for each address', async () => {
    const seen: string[] = [];
    await timers.run(
      prober(peer()).probe(['jane@example.net', 'dead@example.net'].map(mailboxOf), {
        until: timers.now() + hour,
        onProgress: (settled, all) => seen.push(`${settled}/${all}`),
      }),
    );
    expect(seen).toEqual(['1/2', '2/2']);
  });

  test('a host whose STARTTLS fails is asked without it for an hour', async () => {
    const ehlo = '250-mx\r\n250 STARTTLS\r\n';
    const one = prober(peer(), {
      session: {
        connect: scriptedConnect(peer({ ehlo }), timers, log, { tls: 'fails' }),
        identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
        timers,
      },
    });
    const tls = () => log.commands.filter((command) => command === 'STARTTLS').length;
    const wait = (ms: number) => timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, ms)));
    expect(await ask(one, ['jane@example.net'])).toEqual({ 'jane@example.net': 'exists' });
    expect([log.connections, tls()]).toEqual([2, 1]);
    await wait(30 * minute);
    await ask(one, ['kim@example.net']);
    expect([log.connections, tls()]).toEqual([3, 1]);
    await wait(hour);
    await ask(one, ['dead@example.net']);
    expect([log.connections, tls()]).toEqual([5, 2]);
  });

  test('550 to everybody is not told as unknown', async () => {
    expect(await ask(prober(answering(userUnknown)), ['jane@example.net'])).toEqual({
      'jane@example.net': 'undetermined unconfirmed',
    });
  });
});
