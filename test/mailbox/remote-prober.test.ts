// Asking another presend: what is kept, what its failures mean, and what is made of answers that cannot be true.

import { beforeEach, describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { createRemoteProber, isProberUrl, type ProbeTransport } from '../../src/mailbox/remote-prober.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { type VirtualTimers, virtualTimers } from './scripted-peer.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 20, 12);
const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
const mailboxOf = (address: string) => {
  const parsed = parseMailbox(address);
  if (!parsed.ok) throw new Error(address);
  return parsed.mailbox;
};
const iso = (at: number) => new Date(at).toISOString();

type Item = Readonly<Record<string, unknown>>;
type Call = Parameters<ProbeTransport>[0];

describe('the remote prober', () => {
  let timers: VirtualTimers;
  let repository: ReturnType<typeof createProbeRepository>;
  let calls: Call[];
  let failures: string[];

  beforeEach(() => {
    timers = virtualTimers(noon);
    repository = createProbeRepository(openDatabase(':memory:').database);
    calls = [];
    failures = [];
  });

  interface Circumstances {
    readonly transport: (call: Call, turn: number) => Awaited<ReturnType<ProbeTransport>>;
    readonly url?: string;
    readonly mx?: (domain: string) => string;
    readonly mailHostOf?: (domain: string, forList: boolean) => Promise<MailHost>;
  }
  const prober = ({
    transport,
    url = 'https://prober.example.com',
    mx = (domain) => `mx.${domain}`,
    mailHostOf = async (domain) =>
      domain.startsWith('nx')
        ? { kind: 'nxdomain' }
        : { kind: 'mx', exchanges: [{ preference: 10, host: mx(domain) }] },
  }: Circumstances) =>
    createRemoteProber({
      url,
      key: 'sk_key',
      transport: async (call) => {
        calls.push(call);
        return transport(call, calls.length);
      },
      repository,
      hasher,
      mailHostOf,
      timers,
      onFailure: (cause) => failures.push(cause),
    });

  /** Answers each address by `item`. */
  const answering =
    (item: (email: string, turn: number) => Item): Circumstances['transport'] =>
    ({ body }, turn) => {
      const { addresses } = JSON.parse(body) as { addresses: string[] };
      const results = addresses.map((email) => ({ email, ...item(email, turn) }));
      return { kind: 'answer', status: 200, retryAfter: null, text: JSON.stringify({ results }) };
    };
  const settled = (proof: string, cause: string | null = null, checkedAt = noon): Item => ({
    ...{ proof, cause, retry_at: null },
    checked_at: iso(checkedAt),
  });
  const ask = async (circumstances: Circumstances, addresses: readonly string[], waitMs = day) => {
    const until = timers.now() + waitMs;
    const found = await timers.run(prober(circumstances).probe(addresses.map(mailboxOf), { until }));
    return Object.fromEntries(
      [...found].map(([address, { proof }]) => [
        address,
        'cause' in proof ? `${proof.kind} ${proof.cause}` : proof.kind,
      ]),
    );
  };
  const one = async (item: Item) =>
    (await ask({ transport: answering(() => item) }, ['jane@example.net']))['jane@example.net'];

  test('asks with the key, and keeps what it is told', async () => {
    const transport = answering((email) => settled(email.startsWith('dead') ? 'unknown_user' : 'exists'));
    const expected = { 'jane@example.net': 'exists', 'dead@example.net': 'unknown_user' };
    expect(await ask({ transport }, Object.keys(expected))).toEqual(expected);
    expect(calls[0]).toMatchObject({
      url: new URL('https://prober.example.com/v1/probes'),
      headers: { authorization: 'Bearer sk_key' },
      timeoutMs: 45_000,
    });
    expect(await ask({ transport }, Object.keys(expected))).toEqual(expected);
    expect(calls).toHaveLength(1);
    await timers.run(new Promise<void>((resolve) => timers.setTimeout(resolve, 8 * day)));
    await ask({ transport: answering(() => settled('exists', null, timers.now())) }, Object.keys(expected));
    expect(JSON.parse(calls[1]!.body)).toMatchObject({ addresses: ['dead@example.net'] });
  });

  test('what needs no mail host does not leave the house', async () => {
    const transport = answering(() => settled('exists'));
    expect(await ask({ transport, mx: () => 'mta5.am0.yahoodns.net' }, ['jane@example.net'])).toEqual({
      'jane@example.net': 'not_checked provider',
    });
    expect(await ask({ transport }, ['jane@nx.example'])).toEqual({
      'jane@nx.example': 'undetermined no_mail_host',
    });
    expect(calls).toEqual([]);
  });

  test('at most 100 addresses in a request, and 10 of a domain at a time', async () => {
    const transport = answering(() => settled('exists'));
    const addresses = Array.from({ length: 500 }, (_, index) => `jane${index}@d${index % 25}.example`);
    expect(new Set(Object.values(await ask({ transport }, addresses)))).toEqual(new Set(['exists']));
    const sizes = calls.map(({ body }) => (JSON.parse(body) as { addresses: string[] }).addresses);
    expect(Math.max(...sizes.map(({ length }) => length))).toBeLessThanOrEqual(100);
    const first = sizes
      .slice(0, 3)
      .flat()
      .filter((address) => address.endsWith('@d0.example'));
    expect(first).toHaveLength(10);
    expect(sizes.flat()).toHaveLength(500);
  });

  test('an address that is greylisted is asked about again at the time that is named', async () => {
    const at: number[] = [];
    const transport = answering((_, turn) => {
      at.push(timers.now());
      return turn === 1
        ? { proof: 'undetermined', cause: 'greylisted', checked_at: null, retry_at: iso(noon + 5 * minute) }
        : settled('exists', null, timers.now());
    });
    expect(await ask({ transport }, ['jane@example.net'])).toEqual({ 'jane@example.net': 'exists' });
    expect(at).toEqual([noon, noon + 5 * minute]);
  });

  test('without time to wait, it says when to ask again', async () => {
    const retry = iso(noon + 5 * minute);
    const transport = answering(() => ({ proof: 'undetermined', cause: 'greylisted', retry_at: retry }));
    const found = await timers.run(
      prober({ transport }).probe([mailboxOf('jane@example.net')], { until: noon + minute }),
    );
    expect(found.get('jane@example.net')).toEqual({
      proof: { kind: 'undetermined', cause: 'greylisted' },
      checkedAt: null,
      retryAt: noon + 5 * minute,
    });
  });

  test.each<[string, Awaited<ReturnType<ProbeTransport>>]>([
    ['timeout', { kind: 'failed', cause: 'timeout' }],
    ['status 401', { kind: 'answer', status: 401, retryAfter: null, text: '{}' }],
    ['status 302', { kind: 'answer', status: 302, retryAfter: null, text: '' }],
    ['status 500', { kind: 'answer', status: 500, retryAfter: 'tomorrow', text: '<html>' }],
    ['no answer of POST /v1/probes', { kind: 'answer', status: 200, retryAfter: null, text: '<html>' }],
    [
      'no answer of POST /v1/probes',
      { kind: 'answer', status: 200, retryAfter: null, text: '{"results":{}}' },
    ],
    ['no answer of POST /v1/probes', { kind: 'answer', status: 200, retryAfter: null, text: 'null' }],
  ])('a failure says nothing about a mailbox: %s', async (cause, answer) => {
    expect(await ask({ transport: () => answer }, ['jane@example.net'], 10 * minute)).toEqual({
      'jane@example.net': 'undetermined resting',
    });
    expect(failures).toEqual([cause, cause, cause]);
    expect(await repository.proofs(hasher.keyId, await hasher.hashAll(['jane@example.net']), noon)).toEqual(
      [],
    );
  });

  test('an outage of the other presend of two hours does not end the work', async () => {
    const transport: Circumstances['transport'] = (call, turn) =>
      timers.now() < noon + 2 * hour
        ? { kind: 'failed', cause: 'timeout' }
        : answering(() => settled('exists', null, timers.now()))(call, turn);
    expect(await ask({ transport }, ['jane@example.net'])).toEqual({ 'jane@example.net': 'exists' });
    expect(failures).toHaveLength(10);
  });

  test('a list of 200,000 addresses can be asked about', async () => {
    const addresses = Array.from({ length: 200_000 }, (_, index) => mailboxOf(`jane${index}@example.net`));
    const transport = answering(() => settled('exists'));
    const found = await timers.run(prober({ transport }).probe(addresses, { until: noon }));
    expect(found.size).toBe(200_000);
  });

  test('a domain whose look-up got no answer is asked about all the same, 32 look-ups at a time', async () => {
    let [running, most] = [0, 0];
    const lists: boolean[] = [];
    const mailHostOf = async (_: string, forList: boolean): Promise<MailHost> => {
      lists.push(forList);
      most = Math.max(most, ++running);
      await null;
      running--;
      return { kind: 'undetermined', cause: 'timeout' };
    };
    const addresses = Array.from({ length: 100 }, (_, index) => `jane@d${index}.example`);
    const transport = answering(() => settled('exists'));
    const found = await ask({ transport, mailHostOf }, addresses);
    expect(new Set(Object.values(found))).toEqual(new Set(['exists']));
    expect(most).toBe(32);
    expect(lists).not.toContain(true);
  });

  test('Retry-After is obeyed, and never makes a tight loop', async () => {
    const at: number[] = [];
    const found = await ask(
      {
        transport: (call, turn) => {
          at.push(timers.now() - noon);
          if (turn > 2) return answering(() => settled('exists', null, timers.now()))(call, turn);
          return { kind: 'answer', status: 429, retryAfter: turn === 1 ? '120' : '0', text: '' };
        },
      },
      ['jane@example.net'],
    );
    expect(found).toEqual({ 'jane@example.net': 'exists' });
    expect(at).toEqual([0, 2 * minute, 2 * minute + 15_000]);
  });

  test.each([
    'http://prober.internal',
    'http://prober.internal:8787/',
    'http://prober',
    'http://prober.local',
    'http://10.0.0.5:8787',
    'http://127.0.0.1:8787',
    'http://[fd00::5]:8787',
    'http://localhost:8787',
    'https://prober.example.com',
    'https://10.0.0.5',
  ])('%s is a prober that the operator may choose', async (url) => {
    expect(isProberUrl(url)).toBe(true);
    const transport = answering(() => settled('exists'));
    expect(await ask({ transport, url }, ['jane@example.net'])).toEqual({ 'jane@example.net': 'exists' });
    expect(calls.map((call) => call.url.href)).toEqual([`${url.replace(/\/$/, '')}/v1/probes`]);
  });

  test.each([
    'http://prober.example.com',
    'http://198.41.0.4',
    'http://[2a00::1]',
    'https://user:secret@prober.internal',
    'ftp://prober.internal',
    'prober.internal',
  ])('%s is not: the key would be readable, or it is no URL', (url) => {
    expect(isProberUrl(url)).toBe(false);
  });

  test.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
    const transport: Circumstances['transport'] = () => ({
      ...{ kind: 'answer', status, retryAfter: null, text: '' },
    });
    expect(await ask({ transport, url: 'http://prober.internal' }, ['jane@example.net'], minute)).toEqual({
      'jane@example.net': 'undetermined resting',
    });
    expect(failures[0]).toBe(`status ${status}`);
  });

  test.each(['unreachable', 'timeout', 'resting', 'no_mail_host'])(
    'that the other presend could not reach the host (%s) is not kept',
    async (cause) => {
      const transport = answering(() => ({ proof: 'undetermined', cause, checked_at: null, retry_at: null }));
      await ask({ transport }, ['jane@example.net']);
      expect(await repository.proofs(hasher.keyId, await hasher.hashAll(['jane@example.net']), noon)).toEqual(
        [],
      );
    },
  );

  test.each<[string, Item]>([
    ['an unknown proof', settled('deliverable')],
    ['a name of every object', settled('constructor')],
    ['a proof with a cause', settled('unknown_user', 'rate_limited')],
    ['a refusal without a cause', settled('refused_us')],
    ['an unknown cause', settled('undetermined', 'moon')],
    ['no time', { proof: 'unknown_user', cause: null }],
    ['no time of this calendar', { ...settled('unknown_user'), checked_at: 'yesterday' }],
    ['tomorrow', settled('unknown_user', null, noon + day)],
    ['so long ago that it no longer counts', settled('unknown_user', null, noon - 8 * day)],
    ['a number', { ...settled('unknown_user'), checked_at: noon }],
    ['a syntax error', settled('not_checked', 'syntax_error')],
    ['another address', { ...settled('unknown_user'), email: 'kim@example.net' }],
  ])('an impossible answer proves nothing: %s', async (_, item) => {
    expect(await one(item)).toBe('undetermined protocol');
    expect(failures).toEqual(['an answer that presend cannot read']);
  });

  test('a domain that accepts every name and also does not is ambiguous', async () => {
    const transport = answering((email) => settled(email.startsWith('jane') ? 'exists' : 'catch_all'));
    expect(await ask({ transport }, ['jane@example.net', 'kim@example.net', 'jane@example.org'])).toEqual({
      'jane@example.net': 'undetermined ambiguous',
      'kim@example.net': 'undetermined ambiguous',
      'jane@example.org': 'exists',
    });
  });

  test('an answer of a list that is not one, and results about nobody', async () => {
    const odd =
      (results: unknown): Circumstances['transport'] =>
      () => ({
        kind: 'answer',
        status: 200,
        retryAfter: null,
        text: JSON.stringify({ results }),
      });
    for (const results of [[], [null], ['jane@example.net'], [[]], [{ email: { toString: 'x' } }]])
      expect(await ask({ transport: odd(results) }, ['kim@example.net'])).toEqual({
        'kim@example.net': 'undetermined protocol',
      });
  });

  test('a proof from a clock that is a minute ahead counts from now', async () => {
    const transport = answering(() => settled('exists', null, noon + minute));
    const found = await timers.run(
      prober({ transport }).probe([mailboxOf('jane@example.net')], { until: noon + minute }),
    );
    expect(found.get('jane@example.net')).toEqual({
      proof: { kind: 'exists' },
      checkedAt: noon,
      retryAt: null,
    });
  });

  test('a prober that is off is told as such, and asked again when it says', async () => {
    const retry = iso(noon + hour);
    const transport = answering((_, turn) =>
      turn === 1
        ? { proof: 'not_checked', cause: 'off', checked_at: null, retry_at: retry }
        : settled('catch_all', null, timers.now()),
    );
    expect(await ask({ transport }, ['jane@example.net'], minute)).toEqual({
      'jane@example.net': 'not_checked off',
    });
    calls = [];
    expect(await ask({ transport }, ['jane@example.net'])).toEqual({ 'jane@example.net': 'catch_all' });
  });

  test('work that is stopped ends', async () => {
    const controller = new AbortController();
    const transport = answering(() => {
      controller.abort();
      return { proof: 'undetermined', cause: 'greylisted', retry_at: iso(noon + hour) };
    });
    const found = await timers.run(
      prober({ transport }).probe([mailboxOf('jane@example.net')], {
        until: noon + day,
        signal: controller.signal,
      }),
    );
    expect(found.get('jane@example.net')).toMatchObject({ retryAt: noon + hour });
    expect(timers.now()).toBe(noon);
  });
});
