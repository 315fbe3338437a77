// One resolver's word against a domain decides nothing: lies of every kind, at every place among the resolvers.

import { describe, expect, test } from 'vitest';
import { createHedgedResolver, type HedgedOptions } from '../../src/dns/hedged.ts';
import { createMailHosts } from '../../src/dns/lookup.ts';
import type { DnsOutcome, DnsQuestion, Resolver } from '../../src/dns/resolver.ts';
import type { ResolverHealth } from '../../src/dns/resolver-health.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { type Lie, liesAgainst, resolverWith, wildcard } from './liars.ts';
import { mailHostIn } from './mail-host-in.ts';
import { manualTimers } from './manual-timers.ts';

const undeliverable: readonly MailHost['kind'][] = ['nxdomain', 'null_mx', 'no_mail_host', 'unroutable'];
const unconfirmed = { kind: 'undetermined', cause: 'unconfirmed' };

function world(resolvers: readonly Resolver[], options: Partial<HedgedOptions> = {}, shareInFlight = true) {
  const timers = manualTimers();
  const pool = createHedgedResolver(resolvers, { timers, ...options });
  const mailHosts = createMailHosts({ resolver: pool, timers, shareInFlight });
  const lookUp = (domain: string, together?: object) =>
    mailHostIn(mailHosts.lookup(domain, timers.now() + 1500, together));
  const lookUpAll = (domains: readonly string[], together = {}) =>
    Promise.all(domains.map((domain) => lookUp(domain, together)));
  return { timers, pool, lookUp, lookUpAll };
}

const domains = (kind: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${kind}${index}.example`);

/** `lie` at `place` among `of` resolvers, the others truthful. */
const among = (lie: Lie, place: number, of: number, asked: DnsQuestion[] = []): Resolver[] =>
  Array.from({ length: of }, (_, index) => resolverWith(`r${index}`, index === place ? lie : null, asked));

const failing = (cause: 'network' | 'timeout' | 'servfail'): Resolver => ({
  name: cause,
  resolve: async () => ({ kind: 'failure', cause }),
});

const kindsOf = (found: readonly MailHost[]) => new Set(found.map(({ kind }) => kind));

for (const shareInFlight of [true, false])
  for (const [name, lie] of Object.entries(liesAgainst))
    describe(`${name} to everything (${shareInFlight ? 'shared' : 'alone'})`, () => {
      test.each([0, 1, 2])('from resolver %i of three: a hundred live domains are alive', async (place) => {
        const { lookUpAll } = world(among(lie, place, 3), {}, shareInFlight);
        expect(kindsOf(await lookUpAll(domains('live', 100)))).toEqual(new Set(['mx']));
      });

      test.each([0, 1])('from resolver %i of two: no live domain is dead', async (place) => {
        const { lookUpAll } = world(among(lie, place, 2), {}, shareInFlight);
        const found = await lookUpAll([...domains('live', 50), ...domains('bare', 50)]);
        expect(found.filter(({ kind }) => undeliverable.includes(kind))).toEqual([]);
      });

      test('while one of the other two is out: no live domain is dead', async () => {
        const { lookUpAll } = world(
          [resolverWith('liar', lie), failing('network'), resolverWith('honest', null)],
          {},
          shareInFlight,
        );
        const found = await lookUpAll(domains('live', 50));
        expect(found.filter(({ kind }) => undeliverable.includes(kind))).toEqual([]);
      });
    });

test('a lie that comes and goes calls no live domain dead', async () => {
  for (const lie of Object.values(liesAgainst))
    for (const place of [0, 1, 2]) {
      let count = 0;
      const now: Lie = (question, truth) => (count++ % 3 === 0 ? lie(question, truth) : truth);
      const { lookUpAll } = world(among(now, place, 3));
      const found = await lookUpAll([...domains('live', 60), ...domains('bare', 40)]);
      expect(found.filter(({ kind }) => undeliverable.includes(kind))).toEqual([]);
    }
});

test.each([0, 1, 2])('a wildcard of resolver %i of three keeps no dead domain alive', async (place) => {
  const { lookUpAll } = world(among(wildcard, place, 3));
  expect(kindsOf(await lookUpAll(domains('dead', 100)))).toEqual(new Set(['nxdomain']));
});

test('a wildcard of one of two: unknown, neither dead nor alive', async () => {
  const { lookUp } = world(among(wildcard, 0, 2));
  expect(await lookUp('dead.example')).toEqual(unconfirmed);
});

test.each([
  [1, 'nxdomain'],
  [2, 'nxdomain'],
  [3, 'nxdomain'],
])('%i honest resolvers: a dead domain is dead', async (count, kind) => {
  const { lookUpAll } = world(Array.from({ length: count }, (_, index) => resolverWith(`r${index}`, null)));
  expect(kindsOf(await lookUpAll(domains('dead', 100)))).toEqual(new Set([kind]));
});

test('an address alone counts where no other resolver contradicts it', async () => {
  for (const others of [[], [resolverWith('second', null)], [failing('network')]]) {
    const { lookUp } = world([resolverWith('first', null), ...others]);
    expect(await lookUp('bare.example')).toEqual({ kind: 'implicit_mx', via: 'A' });
  }
});

test('MX records win over a bare address from another resolver', async () => {
  const hidesMx: Lie = ({ type, name }, truth) =>
    type === 'MX'
      ? { kind: 'no_data', ttl: 60 }
      : name.startsWith('live') && type === 'A'
        ? wildcardA
        : truth;
  const { lookUp } = world(among(hidesMx, 0, 2));
  expect(await lookUp('live.example')).toMatchObject({ kind: 'mx' });
});
const wildcardA: DnsOutcome = { kind: 'addresses', addresses: ['198.41.0.4'], ttl: 60 };

test('with one resolver left, what it says against a domain is unconfirmed', async () => {
  for (const cause of ['network', 'timeout', 'servfail'] as const) {
    const { lookUp } = world([failing(cause), resolverWith('second', null)]);
    expect(await lookUp('dead.example')).toEqual(unconfirmed);
    expect(await lookUp('live.example')).toMatchObject({ kind: 'mx' });
  }
});

test('three that find three different things: unconfirmed', async () => {
  const { lookUp } = world([
    resolverWith('null MX', liesAgainst['null MX']!),
    resolverWith('no data', liesAgainst['no data']!),
    resolverWith('NXDOMAIN', liesAgainst['NXDOMAIN']!),
  ]);
  expect(await lookUp('live.example')).toEqual(unconfirmed);
});

describe('a well-known provider', () => {
  test.each(Object.entries(liesAgainst))('with one resolver that says %s: unknown', async (_, lie) => {
    expect(await world([resolverWith('liar', lie)]).lookUp('gmail.com')).toEqual(unconfirmed);
  });

  test('is dead where two resolvers say so', async () => {
    const lie = liesAgainst['NXDOMAIN']!;
    const { lookUp } = world([resolverWith('first', lie), resolverWith('second', lie)]);
    expect(await lookUp('gmail.com')).toEqual({ kind: 'nxdomain' });
  });

  test('any other domain is dead on the word of the only resolver', async () => {
    expect(await world([resolverWith('only', null)]).lookUp('dead.example')).toEqual({ kind: 'nxdomain' });
  });
});

describe('the questions', () => {
  test('one more for each domain that does not exist, none for the others', async () => {
    const asked: DnsQuestion[] = [];
    const { lookUpAll } = world(
      Array.from({ length: 3 }, (_, index) => resolverWith(`r${index}`, null, asked)),
    );
    await lookUpAll([...domains('live', 95), ...domains('dead', 5)]);
    const needed = 2 * 95 + 5;
    expect(asked).toHaveLength(needed + 5);
    expect(asked.length).toBeLessThanOrEqual(1.1 * needed);
  });

  test('a third only where two disagree', async () => {
    const asked: DnsQuestion[] = [];
    await world(among(liesAgainst['NXDOMAIN']!, 0, 3, asked)).lookUp('live.example');
    // The liar's MX, and MX and A of both others.
    expect(asked).toHaveLength(5);
  });

  test('a host that many dead domains share is asked about once per resolver', async () => {
    const asked: DnsQuestion[] = [];
    const lapsed: Lie = ({ type, name }) =>
      type === 'MX' && name !== 'gone.example'
        ? { kind: 'mx', exchanges: [{ preference: 0, host: 'gone.example' }], ttl: 300 }
        : { kind: 'nxdomain', ttl: 300 };
    const { lookUpAll } = world([0, 1, 2].map((index) => resolverWith(`r${index}`, lapsed, asked)));
    expect(kindsOf(await lookUpAll(domains('d', 50)))).toEqual(new Set(['unroutable']));
    expect(asked.filter(({ name }) => name === 'gone.example')).toHaveLength(2 * 2);
  });

  test('what an overruled resolver said is not asked about again', async () => {
    const asked: DnsQuestion[] = [];
    const { lookUp, timers } = world(among(liesAgainst['NXDOMAIN']!, 0, 3, asked));
    await lookUp('live.example');
    const before = asked.length;
    timers.advance(299_999);
    expect(lookUp('live.example')).toMatchObject({ kind: 'mx' });
    expect(asked).toHaveLength(before);
  });

  test('an unconfirmed domain is left alone for a minute', async () => {
    const asked: DnsQuestion[] = [];
    const { lookUp, timers } = world(among(liesAgainst['NXDOMAIN']!, 0, 2, asked));
    await lookUp('live.example');
    const before = asked.length;
    timers.advance(59_999);
    expect(lookUp('live.example')).toEqual(unconfirmed);
    timers.advance(1);
    await lookUp('live.example');
    expect(asked.length).toBeGreaterThan(before);
  });
});

describe('a resolver that stands alone', () => {
  function watched(lie: Lie) {
    const warnings: ResolverHealth[] = [];
    const asked: DnsQuestion[] = [];
    const honest = (name: string) => resolverWith(name, null);
    const resolvers = [resolverWith('liar', lie, asked), honest('second'), honest('third')];
    return { warnings, asked, ...world(resolvers, { onOverruled: (health) => warnings.push(health) }) };
  }

  test('is reported to the operator, and rests after five contradictions in a row', async () => {
    const { warnings, lookUp, pool, asked } = watched(liesAgainst['NXDOMAIN']!);
    for (const domain of domains('live', 5)) await lookUp(domain);
    expect(warnings.map(({ name, overruled, state }) => [name, overruled, state])).toEqual([
      ['liar', 1, 'up'],
      ['liar', 2, 'up'],
      ['liar', 3, 'up'],
      ['liar', 4, 'up'],
      ['liar', 5, 'resting'],
    ]);
    expect(pool.witnesses()).toEqual([1, 2]);
    const before = asked.length;
    await lookUp('live9.example');
    expect(asked).toHaveLength(before);
  });

  test('is believed again after ten minutes, and rests at once when it stands alone then', async () => {
    const { warnings, lookUp, pool, timers } = watched(liesAgainst['NXDOMAIN']!);
    for (const domain of domains('live', 5)) await lookUp(domain);
    timers.advance(599_999);
    expect(pool.witnesses()).toEqual([1, 2]);
    timers.advance(1);
    expect(pool.witnesses()).toEqual([0, 1, 2]);
    await lookUp('live9.example');
    expect(warnings.at(-1)).toMatchObject({ name: 'liar', overruled: 6, state: 'resting' });
  });

  test('has no vote while it rests', async () => {
    const { lookUp, pool } = watched(liesAgainst['NXDOMAIN']!);
    for (let count = 0; count < 5; count++) pool.judged(1, false);
    for (let count = 0; count < 5; count++) pool.judged(2, false);
    expect(await lookUp('live.example')).toEqual(unconfirmed);
  });

  test('begins anew when it agreed in between', async () => {
    const { warnings, pool } = watched(liesAgainst['NXDOMAIN']!);
    for (let count = 0; count < 4; count++) pool.judged(0, false);
    pool.judged(0, true);
    pool.judged(0, false);
    expect(warnings.at(-1)).toMatchObject({ overruled: 1, state: 'up' });
  });
});

test('at the deadline a domain whose second opinion is missing is unknown', async () => {
  const silent: Resolver = { name: 'silent', resolve: () => new Promise(() => {}) };
  const { lookUp, timers } = world([resolverWith('first', null), silent]);
  const found = lookUp('dead.example');
  await new Promise((resolve) => setImmediate(resolve));
  timers.advance(1500);
  expect(await found).toEqual({ kind: 'undetermined', cause: 'timeout' });
});

test('answers from several resolvers count for none of them', async () => {
  // The liar hides the MX, then fails, so that the second says that there is no address either.
  let count = 0;
  const liar: Resolver = {
    name: 'liar',
    resolve: async () =>
      count++ === 0 ? { kind: 'no_data', ttl: 300 } : { kind: 'failure', cause: 'network' },
  };
  const { lookUp } = world([liar, resolverWith('second', null), resolverWith('third', null)]);
  expect(await lookUp('live.example')).toMatchObject({ kind: 'mx' });
});
