// That a record is absent rests on two resolvers, and a preflight does not ask without end. The selectors that messages show.

import { describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import type { DnsOutcome, DnsQuestion, Resolver } from '../../src/dns/resolver.ts';
import type { PreflightRequest } from '../../src/preflight/finding.ts';
import { mailauthLibrary } from '../../src/preflight/mailauth.ts';
import { createPreflight } from '../../src/preflight/preflight.ts';
import { createPreflightQuestions } from '../../src/preflight/questions.ts';
import { goodKey } from './zone-text.ts';

type Records = Readonly<Record<string, DnsOutcome>>;

const texts = (...records: readonly string[]): DnsOutcome => ({
  kind: 'texts',
  texts: records.map((text) => [text]),
  ttl: 60,
});
const addresses = (address: string): DnsOutcome => ({ kind: 'addresses', addresses: [address], ttl: 60 });
const absent: DnsOutcome = { kind: 'nxdomain' };
const silent: DnsOutcome = { kind: 'failure', cause: 'timeout' };

const sender: Records = {
  'TXT example.net': texts('v=spf1 include:spf.sender.net -all'),
  'TXT spf.sender.net': texts('v=spf1 ip4:198.51.100.0/24 -all'),
  'MX example.net': { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.example.net' }], ttl: 60 },
  'A mx.example.net': addresses('198.41.0.4'),
  'TXT s1._domainkey.example.net': texts(goodKey),
  'TXT _dmarc.example.net': texts('v=DMARC1; p=reject; rua=mailto:a@reports.org'),
  'TXT example.net._report._dmarc.reports.org': texts('v=DMARC1'),
  'PTR 7.100.51.198.in-addr.arpa': { kind: 'names', names: ['out.example.net'], ttl: 60 },
  'A out.example.net': addresses('198.51.100.7'),
  'CNAME click.example.net': { kind: 'names', names: ['sender.net'], ttl: 60 },
  'A click.example.net': addresses('198.41.0.4'),
};

const request: PreflightRequest = {
  domain: 'example.net',
  selectors: ['s1'],
  ips: ['198.51.100.7'],
  bounceDomain: null,
  helo: 'out.example.net',
  tracking: ['click.example.net'],
};

/** A resolver that knows `records`, and gives `otherwise` for all else. Notes its questions in `asked`. */
function resolverOf(records: Records, asked: string[] = [], otherwise = absent): Resolver {
  return {
    name: 'test',
    resolve: async ({ name, type }: DnsQuestion) => {
      asked.push(`${type} ${name}`);
      return records[`${type} ${name}`] ?? otherwise;
    },
  };
}

const check = (
  resolver: Resolver,
  what: PreflightRequest = request,
  more: Partial<Parameters<typeof createPreflight>[0]> = {},
) =>
  createPreflight({
    resolver,
    timers: systemTimers,
    zones: [],
    policyTransport: async () => ({ kind: 'no_answer', cause: 'network' }),
    loadLibrary: async () => mailauthLibrary,
    ...more,
  }).check(what);

const poolOf = (...resolvers: readonly Resolver[]) =>
  createHedgedResolver(resolvers, { timers: systemTimers });

/** The sender without one of its records. */
const without = (question: string): Records => ({ ...sender, [question]: absent });

describe('a record that the first resolver does not have', () => {
  const missing = [
    ['TXT example.net', 'spf_none'],
    ['TXT spf.sender.net', 'spf_include_broken'],
    ['TXT s1._domainkey.example.net', 'dkim_missing'],
    ['TXT _dmarc.example.net', 'dmarc_none'],
    ['TXT example.net._report._dmarc.reports.org', 'dmarc_report_not_accepted'],
    ['MX example.net', 'domain_nonexistent'],
    ['A mx.example.net', 'mail_host_unroutable'],
    ['PTR 7.100.51.198.in-addr.arpa', 'ptr_missing'],
    ['A out.example.net', 'ptr_not_confirmed'],
    ['A click.example.net', 'tracking_dangling'],
  ] as const;

  test.each(missing)('%s: two resolvers make it %s', async (question, code) => {
    const { findings } = await check(poolOf(resolverOf(without(question)), resolverOf(without(question))));
    expect(findings.map((finding) => finding.code)).toContain(code);
  });

  test.each(missing)('%s: the second resolver has it, so there is no finding', async (question) => {
    const { findings, facts } = await check(poolOf(resolverOf(without(question)), resolverOf(sender)));
    expect(findings).toEqual([]);
    expect(facts.not_answered).toEqual([]);
  });

  test.each(missing)('%s: no second resolver answers, so there is no finding', async (question, code) => {
    const { findings } = await check(poolOf(resolverOf(without(question)), resolverOf({}, [], silent)));
    expect(findings.map((finding) => finding.code)).not.toContain(code);
  });

  test.each(missing)('%s: with one resolver its answer stands, and it makes %s', async (question, code) => {
    for (const resolver of [resolverOf(without(question)), poolOf(resolverOf(without(question)))]) {
      const { findings } = await check(resolver);
      expect(findings.map((finding) => finding.code)).toContain(code);
    }
  });
});

test('a question that nobody confirms is not answered', async () => {
  const { facts } = await check(
    poolOf(resolverOf(without('TXT _dmarc.example.net')), resolverOf({}, [], silent)),
  );
  expect(facts.not_answered).toContainEqual({ question: 'TXT _dmarc.example.net', cause: 'unconfirmed' });
  expect(facts.dmarc).toMatchObject({ record: null, policy: null });
});

test('a second resolver that hangs does not use up the time: a third one confirms, and the question is ended', async () => {
  let ended = 0;
  const hanging: Resolver = {
    name: 'hanging',
    resolve: (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          ended++;
          resolve(silent);
        });
      }),
  };
  const missing = resolverOf(without('TXT _dmarc.example.net'));
  const { findings } = await check(poolOf(missing, hanging, missing));
  expect(findings.map(({ code }) => code)).toEqual(['dmarc_none']);
  expect(ended).toBeGreaterThan(0);
});

test('of two further resolvers that fail none confirms; a third one does', async () => {
  const missing = resolverOf(without('TXT _dmarc.example.net'));
  const failing = resolverOf({}, [], silent);
  expect((await check(poolOf(missing, failing, failing))).findings).toEqual([]);
  const { findings } = await check(poolOf(missing, failing, failing, missing));
  expect(findings.map(({ code }) => code)).toEqual(['dmarc_none']);
});

test('a sound sender needs no second resolver', async () => {
  const second: string[] = [];
  const { findings } = await check(poolOf(resolverOf(sender), resolverOf(sender, second)));
  expect(findings).toEqual([]);
  expect(second).toEqual([]);
});

describe('the maximum number of questions', () => {
  /** A record with many terms, each of which leads to one with as many. */
  const greedy = (): Records => {
    const hosts = { kind: 'mx', exchanges: [] as { preference: number; host: string }[], ttl: 60 } as const;
    for (let at = 0; at < 10; at++) hosts.exchanges.push({ preference: at, host: `h${at}.example.net` });
    const terms = (letter: string) =>
      Array.from({ length: 40 }, (_, at) => `mx:${letter}${at}.example.net`).join(' ');
    return new Proxy(
      { ...sender, 'TXT example.net': texts(`v=spf1 ${terms('a')} -all`) },
      {
        get(records, question: string) {
          const [type, name = ''] = question.split(' ');
          if (type !== 'MX' || !/^a\d/.test(name)) return Reflect.get(records, question);
          const own = name.split('.')[0];
          return {
            ...hosts,
            exchanges: hosts.exchanges.map((host) => ({ ...host, host: `${own}-${host.host}` })),
          };
        },
      },
    );
  };

  test('a greedy SPF record does not take it from the other checks', async () => {
    const asked: string[] = [];
    const { facts, findings } = await check(resolverOf(greedy(), asked), {
      ...request,
      ips: Array.from({ length: 10 }, (_, at) => `198.51.100.${at + 7}`),
    });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThanOrEqual(300);
    expect(facts.queries).toBe(asked.length);
    expect(facts.not_answered.length).toBeGreaterThan(100);
    expect(new Set(facts.not_answered.map(({ cause }) => cause))).toEqual(new Set(['question_limit']));
    expect(asked).toContain('A out.example.net');
    expect(facts.ips).toHaveLength(10);
    expect(findings.map(({ code }) => code)).toContain('spf_too_many_lookups');
    expect(findings.map(({ code }) => code)).not.toContain('spf_ip_not_allowed');
  });

  const signal = new AbortController().signal;

  test('what was asked before costs nothing', async () => {
    const { ask, sent, unanswered } = createPreflightQuestions(resolverOf(sender), signal, 2);
    await Promise.all([ask('example.net', 'TXT'), ask('EXAMPLE.net.', 'TXT'), ask('example.net', 'MX')]);
    expect(await ask('mx.example.net', 'A')).toMatchObject({ kind: 'failure' });
    expect(await ask('example.net', 'MX')).toMatchObject({ kind: 'mx' });
    expect(sent()).toBe(2);
    expect(unanswered()).toEqual([{ question: 'A mx.example.net', cause: 'question_limit' }]);
  });

  test('a share has its own maximum, and what others may still ask is answered', async () => {
    const { ask, within, sent, unanswered } = createPreflightQuestions(resolverOf(sender), signal, 3);
    const share = within(1);
    await share.ask('example.net', 'TXT');
    expect(await share.ask('example.net', 'MX')).toMatchObject({ kind: 'failure' });
    expect(await ask('example.net', 'MX')).toMatchObject({ kind: 'mx' });
    expect(await share.ask('example.net', 'MX')).toMatchObject({ kind: 'mx' });
    expect(unanswered()).toEqual([]);
    expect(sent()).toBe(2);
  });

  test('second resolvers are asked within it', async () => {
    const pool = poolOf(resolverOf({}), resolverOf(sender));
    const { confirm, sent } = createPreflightQuestions(pool, signal, 2);
    const isText = ({ kind }: DnsOutcome) => kind === 'texts';
    expect(await confirm('example.net', 'TXT', isText)).toMatchObject({ kind: 'texts' });
    expect(await confirm('example.net', 'TXT', isText)).toMatchObject({ kind: 'texts' });
    expect(sent()).toBe(2);
  });
});

describe('the selectors that returned messages show', () => {
  const seen = (...names: readonly string[]) => ({ seenSelectors: { currentOf: async () => names } });
  const unnamed = { ...request, selectors: [] };
  const sources = async (what: PreflightRequest, more: ReturnType<typeof seen>) => {
    const { facts, findings } = await check(resolverOf(sender), what, more);
    return [findings.map(({ code }) => code), facts.dkim.map(({ name, source }) => [name, source])];
  };

  test('are checked as if they were named', async () => {
    expect(await sources(unnamed, seen('s1._domainkey.example.net'))).toEqual([
      [],
      [['s1._domainkey.example.net', 'seen']],
    ]);
    expect(await sources(unnamed, seen('s9._domainkey.example.net'))).toEqual([
      ['dkim_missing'],
      [['s9._domainkey.example.net', 'seen']],
    ]);
  });

  test('are checked beside those that are named, each once', async () => {
    const found = await sources(request, seen('s1._domainkey.example.net', 's9._domainkey.example.net'));
    expect(found).toEqual([
      ['dkim_missing'],
      [
        ['s1._domainkey.example.net', 'given'],
        ['s9._domainkey.example.net', 'seen'],
      ],
    ]);
  });

  test('without them, those of well-known senders are tried', async () => {
    expect(await sources(unnamed, seen())).toEqual([[], [['s1._domainkey.example.net', 'well_known']]]);
    const broken = { seenSelectors: { currentOf: () => Promise.reject(new Error('disk full')) } };
    expect(await sources(unnamed, broken)).toEqual([[], [['s1._domainkey.example.net', 'well_known']]]);
  });
});
