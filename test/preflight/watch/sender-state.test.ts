// What counts as a change of the sender's DNS, and what does not.

import { describe, expect, test } from 'vitest';
import type { PreflightAnswer } from '../../../src/preflight/preflight.ts';
import {
  nextSenderState,
  type SenderState,
  senderChange,
} from '../../../src/preflight/watch/sender-state.ts';
import { readWatchedDomains } from '../../../src/preflight/watch/watched-domains.ts';
import { answerOf, findingOf } from './answers.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const later = noon + 3_600_000;

const first = (answer: PreflightAnswer, asked = 'a'): SenderState =>
  nextSenderState(null, answer, asked, noon)!;
const next = (state: SenderState, answer: PreflightAnswer, asked = 'a'): SenderState =>
  nextSenderState({ state, checkedAt: noon }, answer, asked, later)!;
const changeOf = (before: PreflightAnswer, after: PreflightAnswer) => {
  const state = first(before);
  return senderChange(state, next(state, after));
};

describe('no change', () => {
  test('the order of hosts, names and codes', () => {
    const facts = (isFirst: boolean) => {
      const order = (...values: string[]) => (isFirst ? values : values.toReversed());
      return answerOf({
        facts: {
          mail_hosts: [
            { domain: 'example.com', kind: 'mx', hosts: order('mx1.example.com', 'mx2.example.com') },
          ],
          ips: [{ ip: '192.0.2.1', ptr: order('a.example.com', 'b.example.com'), confirmed: true }],
          blocklists: [
            {
              zone: 'bl.example',
              name: '192.0.2.1',
              state: 'listed',
              codes: order('127.0.0.2', '127.0.0.4'),
            },
          ],
        },
        findings: isFirst
          ? [findingOf('dmarc_policy_none'), findingOf('ip_listed', '192.0.2.1')]
          : [findingOf('ip_listed', '192.0.2.1'), findingOf('dmarc_policy_none')],
      });
    };
    expect(changeOf(facts(true), facts(false))).toBe(null);
  });

  test.each([
    ['SPF', 'TXT _spf.esp.example', 'spf_none'],
    ['DMARC', 'TXT _dmarc.example.com', 'dmarc_none'],
    ['a key', 'TXT s1._domainkey.example.com', 'dkim_missing'],
    ['reverse DNS', 'PTR 1.2.0.192.in-addr.arpa', 'ptr_missing'],
    ['MX', 'MX example.com', 'no_mail_host'],
  ] as const)('%s was not answered: what was known before stays', (_, question, code) => {
    const fault = findingOf(code);
    const state = first(answerOf({ findings: [fault] }));
    const silent = next(state, answerOf({ spf: { record: null }, unanswered: [question] }));
    expect(silent.findings).toMatchObject([{ code, firstSeenAt: noon }]);
    expect(senderChange(state, { ...silent, facts: { ...silent.facts } })?.gone ?? []).toEqual([]);
  });

  test('a record that could not be read does not change', () => {
    const state = first(answerOf({}));
    const silent = next(
      state,
      answerOf({ spf: { record: null, lookups: 0 }, unanswered: ['TXT example.com'] }),
    );
    expect(senderChange(state, silent)).toBe(null);
    expect(senderChange(state, next(silent, answerOf({})))).toBe(null);
  });

  test('a list that does not answer keeps its listing, and another one is believed', () => {
    const listing = (zone: string, state: 'listed' | 'not_listed' | 'not_answered') => ({
      ...{ zone, name: '192.0.2.1', state, codes: state === 'listed' ? ['127.0.0.2'] : [] },
    });
    const seen = '192.0.2.1 is on the blocklist one.example (127.0.0.2).';
    const state = first(
      answerOf({
        facts: { blocklists: [listing('one.example', 'listed'), listing('two.example', 'not_listed')] },
        findings: [findingOf('ip_listed', '192.0.2.1', seen)],
      }),
    );
    const silent = next(
      state,
      answerOf({
        facts: { blocklists: [listing('one.example', 'not_answered'), listing('two.example', 'not_listed')] },
      }),
    );
    expect(senderChange(state, silent)).toBe(null);
    const delisted = next(
      silent,
      answerOf({
        facts: { blocklists: [listing('one.example', 'not_listed'), listing('two.example', 'not_listed')] },
      }),
    );
    expect(senderChange(silent, delisted)).toMatchObject({ gone: [{ code: 'ip_listed' }] });
  });

  test('other selectors are asked about: what they find is not new', () => {
    const state = first(answerOf({}));
    const asked = next(state, answerOf({ findings: [findingOf('dkim_missing')] }), 'b');
    expect(senderChange(state, asked)).toBe(null);
    expect(asked.findings).toMatchObject([{ unseenAt: null }]);
  });

  test('what is seen in the first answer of an area may be old', () => {
    const state = first(answerOf({ unanswered: ['TXT example.com'] }));
    const answered = next(state, answerOf({ findings: [findingOf('spf_none')] }));
    expect(senderChange(state, answered)).toBe(null);
    expect(answered.findings).toMatchObject([{ unseenAt: null }]);
  });
});

describe('a change', () => {
  test('a record, with both values, and the finding that it brings', () => {
    const broken = answerOf({ spf: { record: null }, findings: [findingOf('spf_none')] });
    expect(changeOf(answerOf({}), broken)).toMatchObject({
      differences: [
        { name: 'spf record of example.com', before: 'v=spf1 ip4:192.0.2.1 ~all', after: 'none' },
      ],
      appeared: [{ code: 'spf_none', firstSeenAt: later, unseenAt: noon }],
      gone: [],
    });
  });

  test('a finding that is mended', () => {
    const change = changeOf(answerOf({ findings: [findingOf('spf_none')] }), answerOf({}));
    expect(change).toMatchObject({ appeared: [], gone: [{ code: 'spf_none' }] });
  });

  test('a selector that a bounce showed is no change', () => {
    const named = { selector: 's1', name: 's1._domainkey.example.com', domain: 'example.com' };
    const key = { ...named, source: 'seen' as const, alias: null };
    const there = answerOf({ facts: { dkim: [{ ...key, state: 'valid', key_type: 'rsa', bits: 2048 }] } });
    expect(changeOf(answerOf({}), there)).toBeNull();
    expect(changeOf(there, answerOf({}))).toBeNull();
  });

  const keyOf = (
    source: 'given' | 'seen' | 'well_known',
    state: 'valid' | 'missing' = 'valid',
    selector = 's1',
  ) => ({
    ...{ selector, name: `${selector}._domainkey.example.com`, domain: 'example.com', source, state },
    ...{
      key_type: state === 'valid' ? ('rsa' as const) : null,
      bits: state === 'valid' ? 2048 : null,
      alias: null,
    },
  });

  test('a key that is gone', () => {
    const name = 'dkim key s1._domainkey.example.com';
    const given = answerOf({ facts: { dkim: [keyOf('given')] } });
    const missing = answerOf({ facts: { dkim: [keyOf('given', 'missing')] } });
    expect(changeOf(given, missing)?.differences).toEqual([
      { name, before: 'valid rsa 2048', after: 'missing' },
    ]);
    const guessed = answerOf({ facts: { dkim: [keyOf('well_known')] } });
    expect(changeOf(guessed, answerOf({}))?.differences).toEqual([
      { name, before: 'valid rsa 2048', after: 'none' },
    ]);
  });

  test('a bounce shows a selector: the well-known ones that are no longer asked did not change', () => {
    const guessed = answerOf({ facts: { dkim: [keyOf('well_known'), keyOf('well_known', 'valid', 's2')] } });
    const seen = answerOf({ facts: { dkim: [keyOf('seen')] } });
    expect(changeOf(guessed, seen)).toBe(null);
    expect(changeOf(seen, guessed)).toBe(null);
  });

  test('a flaw of a key that a bounce showed may be old, and is no change', () => {
    const name = 's1._domainkey.example.com';
    const state = first(answerOf({ facts: { dkim: [keyOf('well_known')] } }));
    const shown = next(
      state,
      answerOf({
        facts: { dkim: [keyOf('seen')] },
        findings: [findingOf('dkim_key_weak', name), findingOf('dmarc_dkim_not_aligned')],
      }),
    );
    expect(senderChange(state, shown)).toBe(null);
    expect(shown.findings).toMatchObject([{ unseenAt: null }, { unseenAt: null }]);
    // Once it is asked in both checks, a flaw is new.
    const sound = first(answerOf({ facts: { dkim: [keyOf('seen')] } }));
    const broken = answerOf({
      facts: { dkim: [keyOf('seen', 'missing')] },
      findings: [findingOf('dkim_missing', name)],
    });
    expect(next(sound, broken).findings).toMatchObject([{ unseenAt: noon }]);
    expect(senderChange(sound, next(sound, broken))).toMatchObject({ appeared: [{ code: 'dkim_missing' }] });
  });

  test('a second blocklist names an address: that is another finding, and the first is as old as it was', () => {
    const on = (zone: string, codes = '127.0.0.2') =>
      findingOf('ip_listed', '192.0.2.1', `192.0.2.1 is on the blocklist ${zone} (${codes}).`);
    const state = first(answerOf({ findings: [on('one.example')] }));
    const more = next(state, answerOf({ findings: [on('one.example', '127.0.0.4'), on('two.example')] }));
    expect(more.findings).toMatchObject([
      { firstSeenAt: noon, unseenAt: null },
      { firstSeenAt: later, unseenAt: noon },
    ]);
    expect(senderChange(state, more)).toMatchObject({
      appeared: [{ seen: expect.stringContaining('two.example') }],
      gone: [],
    });
  });

  test('the same fault at another address is another finding', () => {
    const before = answerOf({ findings: [findingOf('ptr_missing', '192.0.2.1')] });
    const after = answerOf({
      findings: [findingOf('ptr_missing', '192.0.2.1'), findingOf('ptr_missing', '192.0.2.2')],
    });
    expect(changeOf(before, after)?.appeared).toMatchObject([{ about: '192.0.2.2' }]);
  });

  test('a fault that grows worse is as old as it was', () => {
    const state = first(answerOf({ spf: { lookups: 12 }, findings: [findingOf('spf_too_many_lookups')] }));
    const worse = next(
      state,
      answerOf({ spf: { lookups: 14 }, findings: [findingOf('spf_too_many_lookups')] }),
    );
    expect(worse.findings).toMatchObject([{ firstSeenAt: noon }]);
    expect(senderChange(state, worse)).toMatchObject({
      differences: [{ before: '12', after: '14' }],
      appeared: [],
    });
  });
});

describe('PREFLIGHT_DOMAINS', () => {
  test('domains with what their preflights need', () => {
    const { requests, mistakes } = readWatchedDomains(
      'Example.com selector=s1 selector=esp ip=198.51.100.7 bounce=Bounces.example.com, bücher.example ,',
    );
    expect(mistakes).toEqual([]);
    expect(requests).toMatchObject([
      {
        domain: 'example.com',
        selectors: ['s1', 'esp'],
        ips: ['198.51.100.7'],
        bounceDomain: 'bounces.example.com',
      },
      { domain: 'xn--bcher-kva.example', selectors: [] },
    ]);
  });

  test.each([
    ['example.com, example.com selector=s1', /twice/],
    ['example.com example.net', /comma/],
    ['example.com ip=mail.example.com', /ip= of example.com must be an IP address/],
    ['example.com bounce=a.example bounce=b.example', /bounce= twice/],
    ['localhost', /list of domains/],
    ['example.com constructor=1', /only selector=/],
    [Array.from({ length: 21 }, (_, index) => `d${index}.example`).join(','), /at most 20/],
    [`example.com ${Array.from({ length: 11 }, (_, index) => `selector=s${index}`).join(' ')}`, /at most 10/],
  ])('%s', (text, mistake) => {
    expect(readWatchedDomains(text).mistakes.join('\n')).toMatch(mistake);
  });
});
