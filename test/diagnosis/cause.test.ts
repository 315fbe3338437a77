// Which cause is named for what the counts and the sender's DNS show.

import { describe, expect, test } from 'vitest';
import { type CauseFacts, causeOf } from '../../src/diagnosis/cause.ts';
import { causeBlame } from '../../src/reports/incidents/diagnosis-record.ts';
import { day, daysOf, hour, incidentWith, nine, noon, senderWith, stream, streamsWith } from './facts.ts';

const diagnosed = (facts: Pick<CauseFacts, 'incident'> & Partial<CauseFacts>) => {
  const named = causeOf({
    ...{ open: [facts.incident], streams: streamsWith(), senders: [], since: nine },
    ...facts,
  })!;
  const { cause, certainty, explanation, stream } = named;
  return {
    ...{ cause, certainty, blame: causeBlame[cause] },
    finding: explanation?.finding.code ?? null,
    stream: stream?.name ?? null,
  };
};

const unauthenticated = incidentWith({
  kind: 'authentication',
  statuses: { '5.7.26': 80, '5.7.515': 30 },
  reasons: { authentication_failed: 110 },
});
const blocked = incidentWith({
  kind: 'sender_block',
  statuses: { '5.7.1': 100 },
  reasons: { blocked_reputation: 100 },
});
const before = nine - hour / 3;

describe('refusals', () => {
  test.each([
    ['spf_too_many_lookups', '5.7.26', 'authentication_failed', 'authentication'],
    ['dkim_revoked', '5.7.26', 'authentication_failed', 'authentication'],
    ['dmarc_nothing_aligned', '5.7.515', 'authentication_failed', 'authentication'],
    ['ptr_missing', '5.7.25', 'reverse_dns', 'reverse_dns'],
    ['ptr_not_confirmed', '5.7.1', 'reverse_dns', 'reverse_dns'],
    ['ip_listed', '5.7.1', 'blocked_reputation', 'listed'],
    ['domain_listed', '5.7.1', 'policy_refused', 'listed'],
    // The reply says nothing, and its status does.
    ['spf_none', '5.7.23', 'policy_refused', 'authentication'],
  ] as const)('%s that appeared before %s rose', (code, status, reason, cause) => {
    const incident = incidentWith({
      kind: 'sender_block',
      statuses: { [status]: 100 },
      reasons: { [reason]: 100 },
    });
    expect(diagnosed({ incident, senders: [senderWith({ [code]: [before, before - hour] })] })).toMatchObject(
      {
        ...{ cause, finding: code, blame: 'sender', certainty: 'likely' },
      },
    );
  });

  test('a flaw that was there for months explains nothing new: the new one is named', () => {
    const senders = [
      senderWith({ spf_too_many_lookups: [nine - 90 * day, null], dkim_missing: [before, before - hour] }),
    ];
    expect(diagnosed({ incident: unauthenticated, senders })).toMatchObject({ finding: 'dkim_missing' });
  });

  test('a flaw of months is possible if no other explains the refusals', () => {
    const senders = [senderWith({ spf_too_many_lookups: [nine - 90 * day, null] })];
    const named = causeOf({
      ...{ incident: unauthenticated, open: [], streams: streamsWith(), senders, since: nine },
    })!;
    expect(named.explanation).toMatchObject({ isNew: false, finding: { code: 'spf_too_many_lookups' } });
  });

  test('a finding that appeared after the refusals began is not their cause', () => {
    const senders = [senderWith({ dkim_missing: [noon, nine + 2 * hour] })];
    expect(diagnosed({ incident: unauthenticated, senders })).toMatchObject({ finding: null });
  });

  test('the last check was yesterday, and that of the incident sees the fault', () => {
    const senders = [senderWith({ dkim_missing: [noon, nine - 20 * hour] })];
    expect(diagnosed({ incident: unauthenticated, senders })).toMatchObject({ finding: 'dkim_missing' });
  });

  test('a new fault that does not cause such bounces is not named', () => {
    const content = incidentWith({
      kind: 'sender_block',
      statuses: { '5.7.1': 100 },
      reasons: { spam_content: 95, blocked_reputation: 5 },
    });
    const senders = [senderWith({ spf_none: [before, before - hour], ptr_missing: [before, before - hour] })];
    expect(diagnosed({ incident: content, senders })).toMatchObject({ cause: 'content', finding: null });
  });

  test('an old listing on a minor blocklist does not explain a block', () => {
    const senders = [senderWith({ ip_listed: [nine - 60 * day, null] })];
    expect(diagnosed({ incident: blocked, senders })).toMatchObject({
      ...{ cause: 'reputation', certainty: 'possible', blame: 'sender' },
    });
  });

  test('without any look at DNS the replies still say that it is the sender', () => {
    expect(diagnosed({ incident: unauthenticated })).toMatchObject({
      ...{ cause: 'authentication', blame: 'sender', finding: null },
    });
  });
});

describe('hard bounces', () => {
  const hard = (kind: 'bad_import' | 'list_decay', scope = {}) =>
    incidentWith({ kind, scope, statuses: { '5.1.1': 110 }, reasons: { mailbox_unknown: 110 } });
  const rest = stream('shop', daysOf(0, 40), { delivered: 1000, hard: 2 });

  test('a source that was in use before becomes bad', () => {
    const streams = streamsWith({
      source: [...rest, ...stream('form', daysOf(1, 40)), ...stream('form', [0], { hard: 40 })],
    });
    for (const incident of [hard('bad_import', { source: 'form' }), hard('list_decay')])
      expect(diagnosed({ incident, streams })).toMatchObject({
        ...{ cause: 'bad_source', blame: 'list', stream: 'form' },
      });
  });

  test('a source that was never mailed before is an import', () => {
    const streams = streamsWith({ source: [...rest, ...stream('fair', [0], { hard: 40 })] });
    expect(diagnosed({ incident: hard('bad_import', { source: 'fair' }), streams })).toMatchObject({
      ...{ cause: 'list_import', blame: 'list', stream: 'fair' },
    });
  });

  test('a newsletter whose campaigns are named by their day is not new', () => {
    const weeks = [7, 14, 21, 28].flatMap((days) => stream(`news-2026-1${days % 3}-0${days % 7}`, [days]));
    const streams = streamsWith({ campaign: [...weeks, ...stream('news-2026-11-20', [0], { hard: 40 })] });
    const incident = hard('bad_import', { campaign: 'news-2026-11-20' });
    expect(diagnosed({ incident, streams })).toMatchObject({ cause: 'bad_source' });
  });

  test('bounces of all sources are an old list, and that is only possible', () => {
    const streams = streamsWith({
      source: ['a', 'b', 'c'].flatMap((one) => stream(one, daysOf(0, 40), { hard: 3 })),
    });
    expect(diagnosed({ incident: hard('list_decay'), streams })).toMatchObject({
      ...{ cause: 'list_decay', certainty: 'possible', stream: null },
    });
  });

  test.each([
    ['domain_unknown', 'dead_provider'],
    ['mailbox_unknown', 'provider_fault'],
  ])('one provider, %s: %s, and the list is not to blame', (reason, cause) => {
    const incident = incidentWith({
      ...{ kind: 'provider_fault', scope: { provider: 'orange' }, providers: { orange: 80 } },
      ...{ statuses: { '5.1.2': 80 }, reasons: { [reason]: 80 } },
    });
    expect(diagnosed({ incident })).toMatchObject({ cause, blame: 'provider' });
  });

  test('a hard status that names the sender does not blame the list if its DNS broke', () => {
    const incident = incidentWith({
      ...{ kind: 'list_decay', statuses: { '5.1.8': 90 }, reasons: { mailbox_unknown: 90 } },
    });
    const senders = [senderWith({ domain_nonexistent: [before, before - hour] })];
    expect(diagnosed({ incident, senders })).toMatchObject({
      blame: 'sender',
      finding: 'domain_nonexistent',
    });
  });
});

describe('temporary failures', () => {
  const limited = (id: string, provider: string) =>
    incidentWith({
      ...{ kind: 'rate_limited', id, scope: { provider }, providers: { [provider]: 80 } },
      ...{ statuses: { '4.7.28': 80 }, reasons: { rate_limited: 80 } },
    });
  const old = stream('receipt', daysOf(0, 40), { deferred: 2 });
  const fresh = [...old, ...stream('new-domain', [0], { deferred: 80 })];

  test('several providers limit a new kind of mail', () => {
    const open = [limited('inc_1', 'gmail'), limited('inc_2', 'outlook')];
    expect(diagnosed({ incident: open[0]!, open, streams: streamsWith({ campaign: fresh }) })).toMatchObject({
      ...{ cause: 'warm_up', stream: 'new-domain' },
    });
  });

  test('one provider limits mail that was sent before', () => {
    const incident = limited('inc_1', 'gmail');
    expect(diagnosed({ incident, streams: streamsWith({ campaign: old }) })).toMatchObject({
      cause: 'rate_limit',
    });
  });

  test('several providers limit mail that was sent before: not a warm-up', () => {
    const open = [limited('inc_1', 'gmail'), limited('inc_2', 'outlook')];
    expect(diagnosed({ incident: open[0]!, open, streams: streamsWith({ campaign: old }) })).toMatchObject({
      cause: 'rate_limit',
    });
  });

  test('in the first days everything is new, so nothing is', () => {
    const open = [limited('inc_1', 'gmail'), limited('inc_2', 'outlook')];
    const streams = streamsWith({ campaign: stream('welcome', [0, 1], { deferred: 80 }) });
    expect(diagnosed({ incident: open[0]!, open, streams })).toMatchObject({ cause: 'rate_limit' });
  });

  test('an outage is the provider', () => {
    const incident = incidentWith({
      ...{ kind: 'provider_outage', scope: { provider: 'gmx' }, reasons: { network_error: 50 } },
    });
    expect(diagnosed({ incident })).toMatchObject({ cause: 'soft_outage', blame: 'provider' });
  });

  test('a provider warns before it refuses', () => {
    const incident = incidentWith({
      ...{ kind: 'soft_rise', statuses: { '4.7.26': 60 }, reasons: { authentication_failed: 60 } },
    });
    const senders = [senderWith({ spf_several: [before, before - hour] })];
    expect(diagnosed({ incident, senders })).toMatchObject({
      ...{ cause: 'authentication', finding: 'spf_several' },
    });
  });
});
