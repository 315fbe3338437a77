// The policy table: given this evidence, that verdict.

import { describe, expect, test } from 'vitest';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { judge, judgeUnparsed } from '../../src/verdict/judge.ts';
import { policyRows, syntaxErrorRow } from '../../src/verdict/policy.ts';
import { evidence } from './evidence.ts';

const now = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;

const likely = { typo: { domain: 'gmail.com', confidence: 'likely' } } as const;
const possible = { typo: { domain: 'gmail.com', confidence: 'possible' } } as const;
const exchanges = [{ preference: 10, host: 'mx.example.com' }];
const timeout: MailHost = { kind: 'undetermined', cause: 'timeout' };
const noFacts = { provider: null, gateway: null, disposable: false, parked: false };

describe('what decides', () => {
  test.each([
    // evidence, result, reason, action, predicted class and status
    ['nothing against it', {}, 'deliverable', 'no_known_obstacle', 'accept', null, null],
    [
      'on the list, with the status it bounced with',
      { suppression: { kind: 'suppressed', bounced: true, status: '5.2.1' } },
      'undeliverable',
      'suppressed',
      'reject',
      'hard',
      '5.2.1',
    ],
    [
      'on the list for a bounce of unknown status',
      { suppression: { kind: 'suppressed', bounced: true, status: null } },
      'undeliverable',
      'suppressed',
      'reject',
      'hard',
      '5.1.1',
    ],
    [
      'on the list because its owner wants no mail',
      { suppression: { kind: 'suppressed', bounced: false, status: null } },
      'undeliverable',
      'suppressed',
      'reject',
      null,
      null,
    ],
    [
      'a reserved name',
      { domain: { specialUse: 'localhost' }, mailHost: { kind: 'undetermined', cause: 'not_checked' } },
      'undeliverable',
      'special_use_domain',
      'reject',
      'hard',
      '5.1.2',
    ],
    [
      'NXDOMAIN',
      { mailHost: { kind: 'nxdomain' } },
      'undeliverable',
      'domain_nonexistent',
      'reject',
      'hard',
      '5.1.2',
    ],
    ['null MX', { mailHost: { kind: 'null_mx' } }, 'undeliverable', 'null_mx', 'reject', 'hard', '5.1.10'],
    [
      'no host',
      { mailHost: { kind: 'no_mail_host' } },
      'undeliverable',
      'no_mail_host',
      'reject',
      'hard',
      '5.1.2',
    ],
    [
      'MX hosts nobody can reach',
      { mailHost: { kind: 'unroutable', exchanges } },
      'undeliverable',
      'unroutable_mail_host',
      'reject',
      'hard',
      '5.4.4',
    ],
    ['a domain the operator denies', { denied: true }, 'risky', 'denied_domain', 'reject', null, null],
    ['DNS out', { mailHost: timeout }, 'unknown', 'dns_undetermined', 'retry', 'soft', '4.4.3'],
    [
      'the list out',
      { suppression: { kind: 'undetermined' } },
      'unknown',
      'suppression_undetermined',
      'retry',
      null,
      null,
    ],
    [
      'the list not asked',
      { suppression: { kind: 'not_asked' } },
      'deliverable',
      'no_known_obstacle',
      'accept',
      null,
      null,
    ],
    ['disposable', { domain: { disposable: true } }, 'risky', 'disposable_domain', 'confirm', null, null],
    [
      'a disposable service’s MX',
      { mailHostFacts: { ...noFacts, disposable: true } },
      'risky',
      'disposable_mail_host',
      'confirm',
      null,
      null,
    ],
    [
      'parked',
      { mailHostFacts: { ...noFacts, parked: true } },
      'risky',
      'parked_domain',
      'confirm',
      'hard',
      '5.1.1',
    ],
    [
      'a homograph',
      { domain: { confusable: 'paypal.com' } },
      'risky',
      'confusable_domain',
      'confirm',
      null,
      null,
    ],
    [
      'an impossible name',
      { name: 'impossible' },
      'undeliverable',
      'impossible_mailbox',
      'reject',
      'hard',
      '5.1.1',
    ],
    ['an improbable name', { name: 'improbable' }, 'risky', 'impossible_mailbox', 'confirm', 'hard', '5.1.1'],
    [
      'odd characters',
      { name: 'unlikely_characters' },
      'risky',
      'unlikely_characters',
      'confirm',
      'hard',
      '5.1.1',
    ],
    ['a role', { role: true }, 'risky', 'role_account', 'accept', null, null],
    [
      'no MX',
      { mailHost: { kind: 'implicit_mx', via: 'A' } },
      'risky',
      'implicit_mx',
      'accept',
      'soft',
      '4.4.1',
    ],
    ['a relay', { domain: { relay: true } }, 'deliverable', 'relay_alias', 'accept', null, null],
  ] as const)('%s', (_, differences, result, reason, action, bounceClass, status) => {
    const verdict = judge(evidence(differences), now);
    expect(verdict).toMatchObject({ result, reason, action, bounce: { class: bounceClass, status } });
    expect(verdict.signals[0]).toBe(reason);
  });
});

describe('a likely misspelling', () => {
  test.each([
    ['nxdomain', { kind: 'nxdomain' }],
    ['null MX', { kind: 'null_mx' }],
    ['no host', { kind: 'no_mail_host' }],
    ['unroutable', { kind: 'unroutable', exchanges }],
  ] as const)('of a domain that accepts no mail (%s) is undeliverable', (_, mailHost) => {
    expect(judge(evidence({ domain: likely, mailHost }), now)).toMatchObject({
      result: 'undeliverable',
      reason: 'domain_typo',
      action: 'confirm',
      didYouMean: 'Jane@gmail.com',
      bounce: { class: 'hard', status: '5.1.2' },
    });
  });

  test.each([
    ['takes mail', { kind: 'mx', exchanges }],
    ['was not determined', timeout],
  ] as const)('of a domain whose mail host %s is worth asking about, no more', (_, mailHost) => {
    expect(judge(evidence({ domain: likely, mailHost }), now)).toMatchObject({
      result: 'risky',
      reason: 'domain_typo',
      action: 'confirm',
      didYouMean: 'Jane@gmail.com',
      bounce: { class: null, status: null },
    });
  });

  test('decides before disposable, because disposable lists contain misspellings', () => {
    expect(judge(evidence({ domain: { ...likely, disposable: true } }), now)).toMatchObject({
      reason: 'domain_typo',
      signals: ['domain_typo', 'disposable_domain'],
      disposable: true,
    });
  });
});

describe('a possible misspelling', () => {
  test('that takes mail is only mentioned', () => {
    expect(judge(evidence({ domain: possible }), now)).toMatchObject({
      result: 'deliverable',
      reason: 'no_known_obstacle',
      action: 'accept',
      didYouMean: 'Jane@gmail.com',
    });
  });

  test('that accepts no mail is asked about instead of turned away', () => {
    expect(judge(evidence({ domain: possible, mailHost: { kind: 'nxdomain' } }), now)).toMatchObject({
      result: 'undeliverable',
      reason: 'domain_nonexistent',
      action: 'confirm',
    });
  });
});

test('"ask again" outranks "risky"', () => {
  const verdict = judge(evidence({ mailHost: timeout, role: true, domain: { disposable: true } }), now);
  expect(verdict).toMatchObject({
    result: 'unknown',
    signals: ['dns_undetermined', 'disposable_domain', 'role_account'],
    disposable: true,
    role: true,
  });
});

test('no failure of ours or of the network makes an address undeliverable', () => {
  for (const cause of ['timeout', 'servfail', 'refused', 'network', 'not_checked'] as const)
    expect(judge(evidence({ mailHost: { kind: 'undetermined', cause } }), now).result).not.toBe(
      'undeliverable',
    );
});

test('a complaint is never turned into a confirmation', () => {
  const suppression = { kind: 'suppressed', bounced: false, status: null } as const;
  expect(judge(evidence({ suppression, domain: possible }), now).action).toBe('reject');
});

test('the provider is told by the name first, then by the MX', () => {
  const mailHostFacts = { ...noFacts, provider: 'google_workspace' };
  expect(judge(evidence({ mailHostFacts }), now).provider).toBe('google_workspace');
  expect(judge(evidence({ mailHostFacts, domain: { provider: 'gmail' } }), now).provider).toBe('gmail');
  expect(judge(evidence({ mailHostFacts }), now)).not.toHaveProperty('gateway');
});

test('the gateway in front of the mailboxes is told, for each domain its own', () => {
  for (const gateway of ['mimecast', 'proofpoint', null, 'mimecast']) {
    const mailHostFacts = { ...noFacts, provider: 'same', gateway };
    expect(judge(evidence({ mailHostFacts }), now).gateway ?? null).toBe(gateway);
  }
  const entry = { scope: 'all', reason: 'manual', effect: 'inform', status: null, since: 0 } as const;
  const mailHostFacts = { ...noFacts, gateway: 'mimecast' };
  expect(judge(evidence({ mailHostFacts, suppression: { kind: 'clear', entry } }), now)).toMatchObject({
    gateway: 'mimecast',
    suppression: entry,
  });
});

test('a name that is not ASCII is confirmed with its ASCII form even where it is refused', () => {
  const mailbox = { ...evidence().mailbox, localPart: 'josé', address: 'josé@example.com', smtputf8: true };
  expect(judge(evidence({ mailbox, name: 'non_ascii_refused' }), now)).toMatchObject({
    reason: 'non_ascii_refused',
    action: 'reject',
    didYouMean: 'jose@example.com',
  });
  expect(judge(evidence({ mailbox, name: 'non_ascii_doubtful' }), now)).toMatchObject({
    reason: 'non_ascii_doubtful',
    action: 'confirm',
    didYouMean: null,
  });
});

describe('a text that is no mailbox', () => {
  const failure = {
    code: 'local_part_dot',
    position: 5,
    message: 'A dot must not stand beside another.',
  } as const;

  test('is 5.1.3, and the sentence is the parser’s', () => {
    expect(judgeUnparsed({ email: 'jane..doe@example.com', failure, didYouMean: null }, now)).toMatchObject({
      result: 'undeliverable',
      reason: 'syntax_error',
      signals: ['syntax_error'],
      action: 'reject',
      message: failure.message,
      syntax: failure,
      normalized: null,
      bounce: { class: 'hard', status: '5.1.3' },
      mailHost: { kind: 'undetermined', cause: 'not_checked' },
    });
  });

  test('is asked about where something better can be shown', () => {
    const verdict = judgeUnparsed({ email: 'jane@gmail,com', failure, didYouMean: 'jane@gmail.com' }, now);
    expect(verdict).toMatchObject({ action: 'confirm', didYouMean: 'jane@gmail.com' });
  });
});

describe('how long a verdict holds', () => {
  test.each([
    ['deliverable', {}, 90 * day],
    ['risky', { role: true }, 90 * day],
    ['undeliverable', { mailHost: { kind: 'nxdomain' } }, 30 * day],
    ['unknown', { mailHost: timeout }, day / 24],
  ] as const)('%s', (result, differences, validity) => {
    expect(judge(evidence(differences), now)).toMatchObject({
      result,
      checkedAt: now,
      expiresAt: now + validity,
    });
  });
});

describe('the probability', () => {
  test('of every row lies within its own interval', () => {
    for (const { prior } of [...policyRows, syntaxErrorRow]) {
      expect(prior.low).toBeGreaterThanOrEqual(0);
      expect(prior.low).toBeLessThanOrEqual(prior.probability);
      expect(prior.probability).toBeLessThanOrEqual(prior.high);
      expect(prior.high).toBeLessThanOrEqual(1);
    }
  });

  test('rises with the time since anybody knew the mailbox', () => {
    const at = (days: number) =>
      judge(evidence({ lastVerifiedAt: now - days * day }), now).bounce.probability;
    expect([at(0), at(30), at(365)]).toEqual([0.008, 0.0271, 0.217]);
  });

  test('of an undated address, or one verified "in the future", is the prior', () => {
    expect(judge(evidence({ lastVerifiedAt: null }), now).bounce.probability).toBe(0.008);
    expect(judge(evidence({ lastVerifiedAt: now + day }), now).bounce.probability).toBe(0.008);
  });
});

describe('a protected name that looks like a misspelling', () => {
  const domain = { typoIfUnused: { domain: 'yahoo.com', confidence: 'likely' } } as const;

  test('stands while it takes mail', () => {
    expect(judge(evidence({ domain }), 0)).toMatchObject({ reason: 'no_known_obstacle', didYouMean: null });
  });

  test('is a misspelling if it accepts no mail or is parked', () => {
    expect(judge(evidence({ domain, mailHost: { kind: 'null_mx' } }), 0)).toMatchObject({
      result: 'undeliverable',
      reason: 'domain_typo',
      didYouMean: 'Jane@yahoo.com',
    });
    const mailHostFacts = { provider: null, gateway: null, disposable: false, parked: true };
    expect(judge(evidence({ domain, mailHostFacts }), 0)).toMatchObject({
      result: 'risky',
      reason: 'domain_typo',
      didYouMean: 'Jane@yahoo.com',
    });
  });
});

describe('a provider that closed', () => {
  test('is undeliverable if a published source says so, even if the domain takes mail', () => {
    expect(judge(evidence({ domain: { retired: 'verified' } }), 0)).toMatchObject({
      result: 'undeliverable',
      reason: 'retired_provider',
      action: 'reject',
    });
  });

  test('is risky if no source confirms it', () => {
    expect(judge(evidence({ domain: { retired: 'unverified' } }), 0)).toMatchObject({
      result: 'risky',
      reason: 'retired_provider',
      action: 'confirm',
    });
  });
});

describe('an entry of the suppression list that does not stop this mail', () => {
  const entry = {
    scope: 'marketing',
    reason: 'unsubscribe',
    effect: 'inform',
    status: null,
    since: now,
  } as const;
  const informed = { suppression: { kind: 'clear', entry } } as const;

  test('is a signal and no obstacle', () => {
    const verdict = judge(evidence(informed), now);
    expect(verdict).toMatchObject({
      result: 'deliverable',
      reason: 'no_known_obstacle',
      action: 'accept',
      signals: ['suppressed'],
      suppression: entry,
    });
    expect(judge(evidence(informed), now).signals).toBe(verdict.signals);
    expect(judge(evidence(), now).signals).toEqual(['no_known_obstacle']);
  });

  test('stands before the other signals and leaves the decision to them', () => {
    const verdict = judge(evidence({ ...informed, role: true }), now);
    expect(verdict).toMatchObject({ reason: 'role_account', signals: ['suppressed', 'role_account'] });
    expect(judge(evidence({ role: true }), now).signals).toEqual(['role_account']);
  });
});
