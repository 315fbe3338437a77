// Given this verdict, that becomes of the form: in doubt, for the person.

import { expect, test } from 'vitest';
import type { VerdictResponse } from '../../src/verdict/response.ts';
import type { Reason as ServiceReason } from '../../src/verdict/verdict.ts';
import { formDecision, readPolicy, textFor } from '../../src/widget/policy.ts';
import type { PresendVerdict, Reason } from '../../src/widget/types.ts';

const verdict = (
  reason: Reason,
  result: PresendVerdict['result'],
  did_you_mean: string | null = null,
): PresendVerdict => ({
  email: 'jane@example.com',
  normalized: 'jane@example.com',
  result,
  reason,
  did_you_mean,
  action: 'accept',
  message: '',
});

test('the widget reads the answers that the service gives, and knows its reasons', () => {
  // Compiled, not run: the two vocabularies are one.
  const answer = (response: VerdictResponse): PresendVerdict => response;
  const there = (reason: ServiceReason): Reason => reason;
  const back = (reason: Reason): ServiceReason => reason;
  expect([answer, there, back]).toHaveLength(3);
});

test.each([
  ['syntax_error', 'undeliverable', 'block', 'syntax'],
  ['special_use_domain', 'undeliverable', 'block', 'domain'],
  ['domain_nonexistent', 'undeliverable', 'block', 'domain'],
  ['null_mx', 'undeliverable', 'block', 'domain'],
  ['denied_domain', 'risky', 'block', 'denied'],
  ['impossible_mailbox', 'undeliverable', 'block', 'syntax'],
  ['impossible_mailbox', 'risky', 'warn', 'doubtful'],
  ['unlikely_characters', 'risky', 'warn', 'doubtful'],
  ['domain_typo', 'undeliverable', 'block', 'domain'],
  ['domain_typo', 'risky', 'warn', 'doubtful'],
  ['no_mail_host', 'undeliverable', 'warn', 'domain'],
  ['unroutable_mail_host', 'undeliverable', 'warn', 'domain'],
  ['disposable_domain', 'risky', 'warn', 'temporary'],
  ['disposable_mail_host', 'risky', 'warn', 'temporary'],
  ['parked_domain', 'risky', 'warn', 'doubtful'],
  ['confusable_domain', 'risky', 'warn', 'doubtful'],
  ['suppressed', 'undeliverable', 'allow', 'doubtful'],
  ['role_account', 'risky', 'allow', 'doubtful'],
  ['implicit_mx', 'risky', 'allow', 'doubtful'],
  ['nonstandard_local_part', 'risky', 'allow', 'doubtful'],
  ['relay_alias', 'deliverable', 'allow', 'doubtful'],
  ['no_known_obstacle', 'deliverable', 'allow', 'doubtful'],
  ['dns_undetermined', 'unknown', 'allow', 'doubtful'],
  ['suppression_undetermined', 'unknown', 'allow', 'doubtful'],
] as const)('%s, %s: %s, in the words for %s', (reason, result, decision, text) => {
  expect(formDecision(verdict(reason, result), {})).toBe(decision);
  expect(textFor(verdict(reason, result))).toBe(text);
});

test('where a suggestion says it all, nothing else is said', () => {
  expect(textFor(verdict('domain_typo', 'risky', 'jane@gmail.com'))).toBe(null);
  expect(textFor(verdict('domain_typo', 'undeliverable', 'jane@gmail.com'))).toBe('domain');
});

test('the site decides by reason, but never that what is unknown is wrong', () => {
  expect(formDecision(verdict('null_mx', 'undeliverable'), { null_mx: 'allow' })).toBe('allow');
  expect(formDecision(verdict('role_account', 'risky'), { role_account: 'block' })).toBe('block');
  const policy = readPolicy('dns_undetermined=block');
  expect(formDecision(verdict('dns_undetermined', 'unknown'), policy)).toBe('warn');
});

test('a reason that the widget has not heard of lets the person through', () => {
  expect(formDecision(verdict('mailbox_on_the_moon' as Reason, 'risky'), {})).toBe('allow');
});

test('a policy is read from an attribute, however it is separated', () => {
  const policy = { null_mx: 'warn', role_account: 'block' };
  for (const text of [
    'null_mx=warn role_account=block',
    'null_mx=warn, role_account=block',
    ' null_mx=warn;role_account=block\n',
  ])
    expect(readPolicy(text)).toMatchObject(policy);
});
