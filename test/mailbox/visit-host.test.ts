// What a session with each kind of mail host proves about jane (who exists), dead (who does not) and kim (who exists).

import { describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import type { ConnectTarget } from '../../src/mailbox/connect.ts';
import { sessionTimes } from '../../src/mailbox/smtp-session.ts';
import type { DomainFinding, Visit, VisitPlan } from '../../src/mailbox/visit.ts';
import { visitHost } from '../../src/mailbox/visit-host.ts';
import { type Answers, honest, ok, type PeerParts, peer, userUnknown } from './peers.ts';
import { type PeerLog, type Script, scriptedConnect, virtualTimers } from './scripted-peer.ts';

const policy: VisitPlan['policy'] = {
  probe: 'yes',
  unknown: 'control',
  perSession: 10,
  betweenMs: 0,
  perHour: 100,
  perDay: 100,
};
const mailboxOf = (address: string) => {
  const parsed = parseMailbox(address);
  if (!parsed.ok) throw new Error(address);
  return parsed.mailbox;
};

interface Talk extends Visit {
  readonly log: PeerLog;
  readonly ms: number;
}

async function talk(
  script: () => Script,
  {
    to = ['jane@example.net', 'dead@example.net', 'kim@example.net'],
    tls = 'works',
    reach = () => true,
    ...plan
  }: Partial<VisitPlan> & {
    to?: readonly string[];
    tls?: 'works' | 'fails';
    reach?: (target: ConnectTarget) => boolean;
  } = {},
): Promise<Talk> {
  const timers = virtualTimers();
  const log: PeerLog = { commands: [], connections: 0 };
  const started = timers.now();
  let seed = 1;
  const visit = await timers.run(
    visitHost(
      {
        connect: scriptedConnect(script, timers, log, { tls, reach }),
        identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
        timers,
      },
      {
        targets: [{ host: 'mx.example.net', address: '192.0.2.1', port: 25 }],
        policy,
        mailboxes: to.map(mailboxOf),
        domains: new Map(),
        budget: 10,
        ...plan,
      },
      () => {
        seed = (seed * 16_807) % 2_147_483_647;
        return seed / 2_147_483_647;
      },
    ),
  );
  return { ...visit, log, ms: timers.now() - started };
}

const told = ({ findings }: Visit): Record<string, string> =>
  Object.fromEntries(
    [...findings].map(([address, finding]) => [
      address.split('@')[0]!,
      'cause' in finding ? `${finding.kind} ${finding.cause}` : finding.kind,
    ]),
  );
const why = ({ ended }: Visit): string | null =>
  ended === null ? null : 'cause' in ended ? `${ended.kind} ${ended.cause}` : ended.kind;

const honestly = { jane: 'accepted', dead: 'unknown_user', kim: 'accepted' };
const hostile = (parts: PeerParts) => talk(peer(parts));

describe('a host of several domains that refuses everybody at one of them', () => {
  const refusesGone = (address: string) =>
    address.endsWith('@gone.example') ? userUnknown(address) : honest(address, 0);

  test.each([
    ['first', ['ann@gone.example', 'jane@example.net']],
    ['last', ['jane@example.net', 'ann@gone.example']],
    ['first and last', ['ann@gone.example', 'jane@example.net', 'bob@gone.example']],
    ['beside refusals that are true', ['ann@gone.example', 'dead@example.net']],
  ])('proves nothing about its people: they come %s', async (_, to) => {
    const found = told(await talk(peer({ rcpt: refusesGone }), { to }));
    expect(found).toMatchObject({ ann: 'undetermined unconfirmed' });
    if (to.includes('bob@gone.example')) expect(found).toMatchObject({ bob: 'undetermined unconfirmed' });
    if (to.includes('dead@example.net')) expect(found).toMatchObject({ dead: 'unknown_user' });
  });

  test('nobody is called unknown if the budget has no command left for the control', async () => {
    const visit = await talk(peer({ rcpt: refusesGone }), {
      to: ['ann@gone.example', 'dead@example.net', 'jane@example.net'],
      budget: 3,
    });
    expect(Object.values(told(visit))).not.toContain('unknown_user');
  });
});

describe('a refusal of an earlier session', () => {
  const earlier = (position: number) => ({
    mailbox: mailboxOf('dead@example.net'),
    finding: { kind: 'unknown_user' as const },
    position,
  });
  const controls = ({ log }: Talk) =>
    log.commands.filter((command) => command.startsWith('RCPT TO:<postmaster@')).length;
  const domains = new Map<string, DomainFinding>([['example.net', { kind: 'selective' }]]);

  test('is confirmed by the control alone, as often as the session had asked', async () => {
    const visit = await talk(peer(), { to: [], refusals: [earlier(4)] });
    expect(told(visit)).toEqual({ dead: 'unknown_user' });
    expect([visit.asked, controls(visit)]).toEqual([4, 4]);
  });

  test('is confirmed by a recipient who is accepted after as many questions', async () => {
    const to = ['jane@example.net', 'kim@example.net'];
    const visit = await talk(peer(), { to, refusals: [earlier(2)], domains });
    expect(told(visit)).toEqual({ dead: 'unknown_user', jane: 'accepted', kim: 'accepted' });
    expect(controls(visit)).toBe(0);
  });

  test('is not confirmed by a host that refuses everybody after some questions', async () => {
    const rcpt: Answers = (address, turn) => (turn < 3 ? ok : userUnknown(address));
    const visit = await talk(peer({ rcpt }), { to: [], refusals: [earlier(5)], domains });
    expect(told(visit)).toEqual({ dead: 'undetermined unconfirmed' });
  });

  test('waits where the budget does not reach as far, and costs nothing', async () => {
    const visit = await talk(peer(), { to: [], refusals: [earlier(5)], budget: 3 });
    expect([told(visit), visit.refusals.length, visit.asked]).toEqual([{}, 1, 0]);
  });

  test('waits if the host cannot be reached', async () => {
    const visit = await talk(peer(), { to: [], refusals: [earlier(5)], reach: () => false });
    expect([told(visit), visit.refusals.length]).toEqual([{}, 1]);
  });

  test('says nothing if the domain accepts every name', async () => {
    const visit = await talk(peer({ rcpt: () => ok }), { to: ['jane@example.net'], refusals: [earlier(1)] });
    expect(told(visit)).toEqual({ jane: 'accepted', dead: 'undetermined ambiguous' });
  });
});

describe('a host that answers honestly', () => {
  test('is asked in this order, and never for DATA or VRFY', async () => {
    const visit = await talk(peer());
    expect(told(visit)).toEqual(honestly);
    expect(visit.domains.get('example.net')).toEqual({ kind: 'selective' });
    const madeUp = /^RCPT TO:<[a-z]{12}\d\d@example\.net>$/;
    expect(visit.log.commands).toEqual([
      'EHLO probe.example.org',
      'MAIL FROM:<probe@example.org> SIZE=2048',
      'RCPT TO:<jane@example.net>',
      expect.stringMatching(madeUp),
      'RCPT TO:<dead@example.net>',
      'RCPT TO:<kim@example.net>',
      'RSET',
      'QUIT',
    ]);
    expect(visit).toMatchObject({ asked: 4, answered: 3, unknown: 1, refused: null, ended: null });
  });

  test.each<[string, PeerParts]>([
    ['knows only HELO', { ehlo: '502 5.5.1 Command not implemented\r\n' }],
    ['knows only HELO and says 500', { ehlo: '500 what?\r\n' }],
    ['greets in many lines', { greeting: '220-mx.example.net\r\n220-no spam\r\n220 ready\r\n' }],
    ['greets in Latin-1', { greeting: '220 mx.example.net bienvenue \u00e9\u00fc\r\n' }],
    ['greets with control characters', { greeting: '220 mx\u0007\u0000.example.net\r\n' }],
    ['ends lines with a bare LF', { mail: '250 ok\n', greeting: '220-a\n220 b\n' }],
    ['replies without text', { mail: '250\r\n', rset: '250\r\n', quit: '221\r\n' }],
    ['has an empty continuation line', { mail: '250-\r\n250 \r\n' }],
    ['hangs up on QUIT without a word', { quit: '' }],
    [
      'forwards',
      { rcpt: (a, t) => (a.startsWith('kim') ? '251 User not local; will forward\r\n' : honest(a, t)) },
    ],
    [
      'replies in several lines',
      { rcpt: (a) => honest(a, 0).replace(/^(\d{3}) (\S+) /, '$1-$2 first\r\n$1 $2 ') },
    ],
    ['declines STARTTLS', { ehlo: '250-mx\r\n250 STARTTLS\r\n' }],
  ])('that %s', async (_, parts) => {
    expect(told(await hostile(parts))).toEqual(honestly);
  });

  test('8-bit text that is not UTF-8 is read', async () => {
    const script = peer();
    const eightBit = () => {
      const inner = script();
      return ((command, hands) =>
        command === ''
          ? hands.sayBytes(Uint8Array.from([50, 50, 48, 32, 0xe9, 0xff, 13, 10]))
          : inner(command, hands)) as Script;
    };
    expect(told(await talk(eightBit))).toEqual(honestly);
  });

  test('replies that arrive byte by byte are put together', async () => {
    const script = peer();
    const slowly = () => {
      const inner = script();
      return ((command, hands) =>
        inner(command, {
          ...hands,
          say: (text) => {
            for (const byte of new TextEncoder().encode(text)) hands.sayBytes(Uint8Array.from([byte]));
          },
        })) as Script;
    };
    expect(told(await talk(slowly))).toEqual(honestly);
  });

  test('STARTTLS is used where it is offered, and the host is greeted again', async () => {
    const visit = await talk(peer({ ehlo: '250-mx\r\n250-STARTTLS\r\n250 SIZE\r\n' }));
    expect(told(visit)).toEqual(honestly);
    expect(visit.log.commands.slice(0, 4)).toEqual([
      'EHLO probe.example.org',
      'STARTTLS',
      'EHLO probe.example.org',
      'MAIL FROM:<probe@example.org> SIZE=2048',
    ]);
  });

  test('a non-ASCII local part is asked about only if the host offers SMTPUTF8', async () => {
    const to = ['jörg@example.net', 'jane@example.net'];
    const without = await talk(peer(), { to });
    expect(told(without)).toEqual({ jörg: 'undetermined smtputf8', jane: 'accepted' });
    expect(without.log.commands.join('\n')).not.toContain('jörg');
    const script = peer({
      ehlo: '250-mx\r\n250 SMTPUTF8\r\n',
      rcpt: (a) => (/^(jörg|jane)@/.test(a) ? ok : userUnknown(a)),
    });
    const offered = await talk(script, { to });
    expect(told(offered)).toEqual({ jörg: 'accepted', jane: 'accepted' });
    expect(offered.log.commands).toContain('MAIL FROM:<probe@example.org> SMTPUTF8');
  });
});

describe('a refusal that is about us says nothing about a mailbox', () => {
  test.each<[string, PeerParts, string]>([
    ['banner 554', { greeting: '554 5.7.1 no SMTP service here\r\n' }, 'policy_refused'],
    [
      'banner 554 of a blocklist',
      { greeting: '554 mx.example.net 192.0.2.9 listed at zen.spamhaus.org\r\n' },
      'blocked_reputation',
    ],
    ['banner 421', { greeting: '421 too many connections\r\n' }, 'rate_limited'],
    ['banner 450', { greeting: '450 busy\r\n' }, 'rate_limited'],
    [
      'a banner about the PTR record',
      { greeting: '554 5.7.1 Reverse DNS lookup failed for 192.0.2.9\r\n' },
      'reverse_dns',
    ],
    ['EHLO refused', { ehlo: '550 5.7.1 Access denied\r\n' }, 'policy_refused'],
    ['EHLO and HELO refused', { ehlo: '502 no\r\n', helo: '550 Access denied\r\n' }, 'policy_refused'],
    [
      'MAIL FROM refused',
      { mail: '550 5.1.8 Sender address rejected: Domain not found\r\n' },
      'sender_refused',
    ],
    ['MAIL FROM told a user unknown', { mail: '550 5.1.1 User unknown\r\n' }, 'sender_refused'],
    [
      'encryption required',
      { mail: '530 5.7.0 Must issue a STARTTLS command first\r\n' },
      'encryption_required',
    ],
    ['4xx to MAIL FROM', { mail: '451 4.3.0 try later\r\n' }, 'rate_limited'],
  ])('%s', async (_, parts, cause) => {
    const visit = await hostile(parts);
    expect(visit).toMatchObject({ refused: cause, asked: 0 });
    expect(told(visit)).toEqual({});
  });

  test.each<[string, string, string]>([
    [
      'Spamhaus',
      '554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.9',
      'blocked_reputation',
    ],
    [
      'Barracuda',
      '550 5.7.1 Service unavailable; client [192.0.2.9] blocked using b.barracudacentral.org',
      'blocked_reputation',
    ],
    ['SpamCop', '550 Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.9', 'blocked_reputation'],
    [
      'Outlook S3140',
      "550 5.7.1 Unfortunately, messages from [192.0.2.9] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
      'blocked_reputation',
    ],
    [
      'Gmail',
      '550-5.7.1 [192.0.2.9] Our system has detected that this message is likely\r\n550 5.7.1 unsolicited mail. To reduce the amount of spam, this message has been blocked.',
      '',
    ],
    [
      'Proofpoint',
      '554 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.9',
      'blocked_reputation',
    ],
    [
      'Cisco',
      "554 5.7.1 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
      'blocked_reputation',
    ],
    ['SORBS', '550 5.7.1 Rejected: 192.0.2.9 listed at dnsbl.sorbs.net', 'blocked_reputation'],
    [
      'SPF',
      '550 5.7.23 The message was rejected because of Sender Policy Framework violation',
      'authentication_failed',
    ],
    ['PTR', '550 5.7.25 Client host rejected: cannot find your reverse hostname', 'reverse_dns'],
    ['a rate', '450 4.7.1 Too many messages from your IP address, slow down', 'rate_limited'],
    ['x.7.1 and "mailbox unavailable"', '550 5.7.1 mailbox unavailable', 'policy_refused'],
    ['421 in the middle', '421 4.7.0 closing connection', 'rate_limited'],
  ])('in reply to RCPT: %s', async (_, text, cause) => {
    const visit = await hostile({ rcpt: (a, t) => (t < 2 ? honest(a, t) : `${text}\r\n`) });
    expect(visit.refused === null ? '' : 'refused').toBe('refused');
    if (cause !== '') expect(visit.refused).toBe(cause);
    expect(told(visit)).toEqual({ jane: 'accepted' });
  });

  describe('a refusal by a policy, in reply to RCPT for one recipient', () => {
    const policy = '550 5.7.1 Access denied\r\n';
    const group: Answers = (address, turn) => (address.startsWith('dead@') ? policy : honest(address, turn));

    test('is about that recipient if the host goes on to answer', async () => {
      const visit = await hostile({ rcpt: group });
      expect(told(visit)).toEqual({ ...honestly, dead: 'undetermined ambiguous' });
      expect(visit).toMatchObject({ refused: null, ended: null });
    });

    test('is settled by the postmaster if no other recipient follows', async () => {
      const visit = await talk(peer({ rcpt: group }), { to: ['dead@example.net'] });
      expect(told(visit)).toEqual({ dead: 'undetermined ambiguous' });
      expect(visit).toMatchObject({ refused: null, asked: 2 });
    });

    test('is about us if the next recipient is refused too', async () => {
      const visit = await hostile({ rcpt: (a, t) => (t < 2 ? honest(a, t) : policy) });
      expect(told(visit)).toEqual({ jane: 'accepted' });
      expect(visit).toMatchObject({ refused: 'policy_refused', asked: 4 });
    });

    test('is about us if the postmaster is refused too', async () => {
      const visit = await talk(peer({ rcpt: () => policy }), { to: ['dead@example.net'] });
      expect(told(visit)).toEqual({});
      expect(visit.refused).toBe('policy_refused');
    });

    test('a blocklist ends the session at once', async () => {
      const listed = '554 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org\r\n';
      const visit = await hostile({ rcpt: () => listed });
      expect(visit).toMatchObject({ refused: 'blocked_reputation', asked: 1 });
    });
  });

  test('a refusal at the second host is read with the name of the second host', async () => {
    // La Poste numbers its reasons, and its hosts are named like this one.
    const numbered = { host: 'lpn01.example.net', address: '192.0.2.2', port: 25 };
    const plain = { host: 'mx.example.net', address: '192.0.2.1', port: 25 };
    const read = async (down: ConnectTarget, up: ConnectTarget) =>
      (
        await talk(peer({ greeting: '554 refused 510\r\n' }), {
          targets: [down, up],
          reach: ({ host }) => host !== down.host,
        })
      ).refused;
    expect(await read(plain, numbered)).toBe('blocked_reputation');
    expect(await read(numbered, plain)).toBe('policy_refused');
  });

  test.each([
    '550 5.1.1 blocked',
    '550 5.1.1 <dead@example.net> rejected: your IP is on our blacklist',
    '550 5.1.1 user unknown: 192.0.2.9 listed in dnsbl.example.org',
  ])('a block disguised as an unknown mailbox: %s', async (text) => {
    const visit = await hostile({ rcpt: (a, t) => (a.startsWith('dead') ? `${text}\r\n` : honest(a, t)) });
    expect(told(visit)['dead']).not.toBe('unknown_user');
  });

  test('a failed TLS handshake', async () => {
    const visit = await talk(peer({ ehlo: '250-mx\r\n250 STARTTLS\r\n' }), { tls: 'fails' });
    expect(told(visit)).toEqual(honestly);
    expect(visit.log.connections).toBe(2);
    expect(visit.log.commands.filter((command) => command === 'STARTTLS')).toHaveLength(1);
  });

  test.each(['STARTTLS', 'the EHLO after it'])(
    'hanging up on %s: it is asked without encryption',
    async (at) => {
      const inner = peer({ ehlo: '250-mx\r\n250 STARTTLS\r\n' });
      const script = () => {
        const answer = inner();
        let isEncrypted = false;
        return ((command, hands) => {
          const hangs =
            command === 'STARTTLS' ? at === 'STARTTLS' : isEncrypted && command.startsWith('EHLO');
          isEncrypted ||= command === 'STARTTLS';
          if (hangs) hands.hangUp();
          else answer(command, hands);
        }) as Script;
      };
      const visit = await talk(script);
      expect(told(visit)).toEqual(honestly);
      expect(visit.log.connections).toBe(2);
    },
  );

  test('a host that demands STARTTLS and cannot do it refuses us', async () => {
    const mail = '530 5.7.0 Must issue a STARTTLS command first\r\n';
    const visit = await talk(peer({ ehlo: '250-mx\r\n250 STARTTLS\r\n', mail }), { tls: 'fails' });
    expect(visit).toMatchObject({ refused: 'encryption_required', asked: 0 });
    expect(visit.log.connections).toBe(2);
  });

  test('a host that says goodbye at STARTTLS is left alone', async () => {
    const inner = peer({ ehlo: '250-mx\r\n250 STARTTLS\r\n' });
    const script = () => {
      const answer = inner();
      return ((command, hands) => {
        if (command === 'STARTTLS') hands.say('421 4.7.0 Too many connections\r\n');
        else answer(command, hands);
      }) as Script;
    };
    const visit = await talk(script);
    expect(visit).toMatchObject({ refused: 'rate_limited', asked: 0 });
    expect(visit.log.connections).toBe(1);
  });

  test('text in the clear after the reply to STARTTLS is never read as encrypted', async () => {
    const script = peer({ ehlo: '250-mx\r\n250 STARTTLS\r\n' });
    const injected = () => {
      const inner = script();
      return ((command, hands) => {
        inner(command, hands);
        if (command === 'STARTTLS') hands.say('250 injected\r\n');
      }) as Script;
    };
    const visit = await talk(injected);
    expect(told(visit)).toEqual(honestly);
    expect(visit.log.connections).toBe(2);
    expect(visit.log.commands.lastIndexOf('STARTTLS')).toBe(1);
  });

  test.each(['EHLO', 'MAIL'])('hanging up on %s', async (verb) => {
    const script = peer();
    const rude = () => {
      const inner = script();
      return ((command, hands) =>
        command.startsWith(verb) ? hands.hangUp() : inner(command, hands)) as Script;
    };
    expect(why(await talk(rude))).toBe('refused_us policy_refused');
  });
});

describe('a host that does not speak SMTP as it should proves nothing', () => {
  test.each<[string, PeerParts]>([
    ['speaks HTTP', { greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n' }],
    ['speaks SSH', { greeting: 'SSH-2.0-OpenSSH_9.2\r\n' }],
    ['sends lines of 64 KB', { greeting: `220 ${'x'.repeat(65_000)}\r\n` }],
    ['sends a line without an end', { greeting: `220 ${'x'.repeat(3000)}` }],
    ['sends 5,000 lines', { greeting: `${'220-more\r\n'.repeat(5000)}220 done\r\n` }],
    ['sends a megabyte', { greeting: 'x'.repeat(1_000_000) }],
    ['mixes the codes of a reply', { mail: '250-ok\r\n550 no\r\n' }],
    ['replies with a code that does not exist', { mail: '999 hello\r\n' }],
  ])('it %s', async (_, parts) => {
    const visit = await hostile(parts);
    expect(why(visit)).toBe('undetermined protocol');
    expect(told(visit)).toEqual({});
  });

  test.each<[string, PeerParts]>([
    ['replies twice to RCPT', { rcpt: (a, t) => honest(a, t) + (t === 1 ? ok : '') }],
    ['replies to commands before they are sent', { mail: `250 ok\r\n${ok}${ok}${ok}` }],
    ['replies to RSET with a leftover', { rset: '550 5.1.1 User unknown\r\n' }],
    ['replies to QUIT with a leftover', { quit: '250 2.0.0 Ok\r\n221 bye\r\n' }],
  ])('it %s: nothing that it said counts', async (_, parts) => {
    const visit = await hostile(parts);
    expect(Object.values(told(visit)).filter((kind) => kind !== 'undetermined protocol')).toEqual([]);
    expect(visit.domains.size).toBe(0);
  });

  test('it says a second reply late, so that all later replies belong to the command before', async () => {
    const late = () => {
      let turn = 0;
      const inner = peer()();
      return ((command, hands) => {
        if (!/^RCPT|^RSET|^QUIT/.test(command)) inner(command, hands);
        else {
          const replies = [userUnknown('dead@example.net'), ok, userUnknown('x@example.net'), ok, ok, ok];
          hands.say(replies[turn++] ?? '250 2.0.0 Ok\r\n');
        }
      }) as Script;
    };
    const visit = await talk(late);
    expect(Object.values(told(visit)).filter((kind) => kind !== 'undetermined protocol')).toEqual([]);
  });

  test('a goodbye that comes unasked ends the session and is no reply', async () => {
    const visit = await hostile({
      rcpt: (a, t) => honest(a, t) + (t === 1 ? '421 4.3.2 shutting down\r\n' : ''),
    });
    expect(why(visit)).toBe('refused_us rate_limited');
    expect(told(visit)).toEqual({ jane: 'accepted' });
  });
});

describe('a host that takes its time', () => {
  const silentAt = (verb: string) => () => {
    const inner = peer()();
    return ((command, hands) => {
      if (command === verb || (verb !== '' && command.startsWith(verb))) return;
      inner(command, hands);
    }) as Script;
  };

  test.each(['', 'EHLO', 'MAIL', 'RCPT'])('it is silent at "%s"', async (verb) => {
    const visit = await talk(silentAt(verb));
    expect(why(visit)).toBe('undetermined timeout');
    expect(visit.ms).toBeLessThanOrEqual(sessionTimes.greetingMs + sessionTimes.commandMs);
  });

  test('a tarpit that sends a line every ten seconds is left after the time for one reply', async () => {
    const tarpit = () =>
      ((command, { say, after }) => {
        const drip = () => {
          say('220-please wait\r\n');
          after(10_000, drip);
        };
        if (command === '') drip();
      }) as Script;
    const visit = await talk(tarpit);
    expect(why(visit)).toBe('undetermined timeout');
    expect(visit.ms).toBeLessThan(60_000);
  });

  test('a tarpit that delays each reply is left after the time for a session', async () => {
    const slow = () => {
      const inner = peer()();
      return ((command, hands) => hands.after(40_000, () => inner(command, hands))) as Script;
    };
    const visit = await talk(slow, {
      to: Array.from({ length: 9 }, (_, index) => `user${index}@example.net`),
    });
    expect(visit.ms).toBeLessThanOrEqual(sessionTimes.sessionMs + 1000);
    expect(why(visit)).toBe('undetermined timeout');
  });

  test('no final line: the host hangs up in the middle of a reply', async () => {
    const cut = () => {
      const inner = peer()();
      return ((command, hands) => {
        if (!command.startsWith('RCPT')) inner(command, hands);
        else {
          hands.say('250-first\r\n250 sec');
          hands.hangUp();
        }
      }) as Script;
    };
    expect(why(await talk(cut))).toBe('undetermined unreachable');
  });
});

describe('a yes counts only where a name that cannot exist gets a no', () => {
  test('250 to everything: one made-up name shows it, and nobody else is asked', async () => {
    const visit = await hostile({ rcpt: () => ok });
    expect(visit.domains.get('example.net')).toEqual({ kind: 'catch_all' });
    expect(visit.asked).toBe(2);
  });

  test('a second name is made up only where the answer about the first was ambiguous', async () => {
    const madeUp = (a: string) => !/^(jane|dead|kim|postmaster)@/.test(a);
    const once = await hostile({
      rcpt: (a, t) => (madeUp(a) && t === 1 ? '252 cannot verify\r\n' : honest(a, t)),
    });
    expect(once.domains.get('example.net')).toEqual({ kind: 'selective' });
    expect(once.asked).toBe(5);
    const twice = await hostile({ rcpt: (a, t) => (madeUp(a) ? '252 cannot verify\r\n' : honest(a, t)) });
    expect(twice.domains.get('example.net')).toEqual({ kind: 'ambiguous' });
    // The yes of such a domain confirms no refusal, so the postmaster is asked about too.
    expect(twice.asked).toBe(6);
    const names = twice.log.commands.filter((command) => /^RCPT TO:<[a-z]{12}\d\d@/.test(command));
    expect(new Set(names).size).toBe(2);
  });

  test('a made-up name that is greylisted is asked about again, by the same name', async () => {
    const visit = await hostile({
      rcpt: (a, t) => (/\d\d@/.test(a) ? '451 4.7.1 Greylisted, try again in 5 minutes\r\n' : honest(a, t)),
    });
    const waiting = visit.domains.get('example.net') as DomainFinding & { kind: 'waiting' };
    expect(waiting).toMatchObject({ kind: 'waiting', retryMs: 300_000 });
    const again = await talk(peer(), {
      to: [],
      controls: ['example.net'],
      domains: new Map([['example.net', waiting]]),
    });
    expect(again.log.commands).toContain(`RCPT TO:<${waiting.name}@example.net>`);
    expect(again.domains.get('example.net')).toEqual({ kind: 'selective' });
  });

  test('252 says nothing', async () => {
    expect(told(await hostile({ rcpt: () => '252 2.0.0 Cannot VRFY user\r\n' }))).toEqual({
      jane: 'undetermined ambiguous',
      dead: 'undetermined ambiguous',
      kim: 'undetermined ambiguous',
    });
  });
});

describe('a no counts only where somebody gets a yes afterwards', () => {
  test('550 to everything, the postmaster too', async () => {
    const visit = await hostile({ rcpt: userUnknown });
    expect(Object.values(told(visit))).toEqual(Array(3).fill('undetermined unconfirmed'));
    expect(visit.log.commands).toContain('RCPT TO:<postmaster@example.net>');
  });

  test('the postmaster confirms the only answer of a session', async () => {
    const visit = await talk(peer(), { to: ['dead@example.net'] });
    expect(told(visit)).toEqual({ dead: 'unknown_user' });
    expect(visit.asked).toBe(2);
  });

  test('a provider whose replies keep blocks apart needs no confirmation', async () => {
    const visit = await talk(peer({ rcpt: userUnknown }), {
      to: ['dead@example.net'],
      policy: { ...policy, unknown: 'direct' },
    });
    expect(told(visit)).toEqual({ dead: 'unknown_user' });
    expect(visit.asked).toBe(1);
  });

  test('550 to everything after some recipients, as a defence against harvesting', async () => {
    const visit = await talk(peer({ rcpt: (a, t) => (t < 3 ? honest(a, t) : userUnknown(a)) }), {
      to: ['jane@example.net', 'dead@example.net', 'kim@example.net', 'gone@example.net'],
    });
    expect(told(visit)).toEqual({
      jane: 'accepted',
      dead: 'undetermined unconfirmed',
      kim: 'undetermined unconfirmed',
      gone: 'undetermined unconfirmed',
    });
  });

  test('250 to everything after a 550: the 550 does not count', async () => {
    const visit = await talk(peer({ rcpt: (a, t) => (t === 0 ? userUnknown(a) : ok) }));
    expect(told(visit)['jane']).toBe('undetermined ambiguous');
    expect(visit.domains.get('example.net')).toEqual({ kind: 'catch_all' });
  });

  test('a refusal that names another address is not about the one that was asked', async () => {
    const visit = await talk(
      peer({ rcpt: (a, t) => (a.startsWith('dead') ? userUnknown('boss@example.com') : honest(a, t)) }),
    );
    expect(told(visit)).toEqual({ ...honestly, dead: 'undetermined ambiguous' });
  });

  test('greylisting of the control question: the refusal waits for it', async () => {
    const visit = await talk(
      peer({ rcpt: (a, t) => (a.startsWith('postmaster') ? '451 4.7.1 Greylisted\r\n' : honest(a, t)) }),
      { to: ['dead@example.net'] },
    );
    expect(told(visit)).toEqual({});
    expect(visit.refusals).toMatchObject([
      { mailbox: { address: 'dead@example.net' }, finding: { kind: 'unknown_user' }, position: 1 },
    ]);
  });
});

describe('other answers about a recipient', () => {
  const answered = async (text: string) =>
    told(await hostile({ rcpt: (a, t) => (a.startsWith('dead') ? `${text}\r\n` : honest(a, t)) }))['dead'];

  test.each([
    ['550 5.2.1 The email account that you tried to reach is disabled', 'disabled'],
    ['550 5.2.1 <dead@example.net>: Recipient address rejected: Mailbox disabled', 'disabled'],
    ['452 4.2.2 The email account that you tried to reach is over quota', 'full'],
    ['552 5.2.2 Mailbox full', 'full'],
    ['450 4.2.0 Greylisted, see http://postgrey.example.org/', 'later'],
    ['450 4.1.1 <dead@example.net>: Recipient address rejected: User unknown', 'later'],
    ['451 4.3.0 Temporary lookup failure', 'later'],
    ['452 4.3.1 Insufficient system storage', 'later'],
    ['550 No', 'undetermined ambiguous'],
    ['524 5.2.4 Mailing list expansion problem: <dead@example.net>', 'unknown_user'],
    ['554 5.7.1 <dead@example.net>: Relay access denied', 'undetermined not_served'],
    ['503 5.5.1 Bad sequence of commands', 'undetermined protocol'],
  ])('%s', async (text, expected) => {
    expect(await answered(text)).toBe(expected);
  });

  // Exim's reply to an unknown user, which it also gives for a domain that it does not serve.
  const unrouteable = '550 Unrouteable address\r\n';

  test('"Unrouteable address" is about the user if the host accepts somebody else of the domain', async () => {
    const exim: Answers = (a, t) => (honest(a, t) === ok ? ok : unrouteable);
    expect(told(await hostile({ rcpt: exim }))).toEqual(honestly);
    const alone = await talk(peer({ rcpt: exim }), { to: ['dead@example.net'] });
    expect(told(alone)).toEqual({ dead: 'unknown_user' });
    expect(alone).toMatchObject({ answered: 1, unknown: 1 });
  });

  test('"Unrouteable address" to everybody is about the domain', async () => {
    const visit = await talk(peer({ rcpt: () => unrouteable }), { to: ['dead@example.net'] });
    expect(told(visit)).toEqual({ dead: 'undetermined not_served' });
  });

  test('"Unrouteable address" of a domain that then accepts every name is ambiguous', async () => {
    const lying: Answers = (a) => (a.startsWith('dead') ? unrouteable : ok);
    const visit = await talk(peer({ rcpt: lying }), { to: ['dead@example.net', 'jane@example.net'] });
    expect(told(visit)).toEqual({ dead: 'undetermined ambiguous', jane: 'accepted' });
    expect(visit.domains.get('example.net')).toEqual({ kind: 'catch_all' });
  });

  test.each([
    ['550 550 5.1.1 <dead@example.net>: user unknown', 'unknown_user'],
    ['550 550 Unrouteable address', 'unknown_user'],
    [
      '550-550-5.2.1 The email account that you tried to reach is disabled.\r\n550 550 5.2.1 Learn more',
      'disabled',
    ],
    ['550 554 5.7.1 Client host [192.0.2.77] blocked using zen.spamhaus.org', 'undetermined ambiguous'],
    ['550 550 5.1.8 Sender address rejected: Domain not found', 'undetermined ambiguous'],
    ['550 no reply', 'undetermined ambiguous'],
  ])('a callout of Exim tells what the host behind says: %s', async (text, expected) => {
    const visit = await hostile({
      rcpt: (a, t) =>
        a.startsWith('dead') ? `550-Callout verification failed:\r\n${text}\r\n` : honest(a, t),
    });
    expect(told(visit)['dead'] ?? visit.ended?.kind).toBe(expected);
  });

  test('the time that a host names is kept', async () => {
    const { findings } = await hostile({
      rcpt: (a, t) => (a.startsWith('dead') ? '451 4.7.1 Greylisted, retry in 00:04:12\r\n' : honest(a, t)),
    });
    expect(findings.get('dead@example.net')).toEqual({ kind: 'later', retryMs: 252_000 });
  });

  test('452 4.5.3: a new transaction asks again, and a second one ends the session', async () => {
    let inTransaction = 0;
    const limited = () => {
      const inner = peer({
        rcpt: (a, t) => (++inTransaction > 2 ? '452 4.5.3 Too many recipients\r\n' : honest(a, t)),
      })();
      return ((command, hands) => {
        if (command === 'RSET') inTransaction = 0;
        inner(command, hands);
      }) as Script;
    };
    expect(told(await talk(limited))).toEqual(honestly);
    const visit = await hostile({
      rcpt: (a, t) => (t < 2 ? honest(a, t) : '452 4.5.3 Too many recipients\r\n'),
    });
    expect(told(visit)).toEqual({ jane: 'accepted' });
    expect(visit).toMatchObject({ refused: null, ended: null });
  });

  test('the budget is kept, with the control questions', async () => {
    const to = Array.from({ length: 30 }, (_, index) => `user${index}@example.net`);
    for (const budget of [3, 5, 10])
      expect((await talk(peer(), { to, budget })).asked).toBeLessThanOrEqual(budget);
  });

  test('an equal host is tried only if the first cannot be spoken to', async () => {
    const targets = [1, 2, 3].map((last) => ({
      host: `mx${last}.example.net`,
      address: `192.0.2.${last}`,
      port: 25,
    }));
    const refused = await talk(peer({ greeting: '554 5.7.1 go away\r\n' }), { targets });
    expect(refused.log.connections).toBe(1);
    const timers = virtualTimers();
    const log: PeerLog = { commands: [], connections: 0 };
    const visit = await timers.run(
      visitHost(
        {
          connect: scriptedConnect(peer(), timers, log, { reach: ({ host }) => host === 'mx3.example.net' }),
          identity: { heloName: 'probe.example.org', mailFrom: 'probe@example.org' },
          timers,
        },
        { targets, policy, mailboxes: [mailboxOf('jane@example.net')], domains: new Map(), budget: 10 },
        () => 0.5,
      ),
    );
    expect(told(visit)).toEqual({ jane: 'accepted' });
  });
});
