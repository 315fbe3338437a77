// The explanation of every sandbox outcome on the page at /.

import { expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import { judge, judgeUnparsed } from '../../src/verdict/judge.ts';
import { toResponse } from '../../src/verdict/response.ts';
import { sandboxEvidence } from '../../src/verdict/sandbox.ts';
import { bounceText, explain, likelihoodText } from '../../src/widget/try-page/explain.ts';
import type { ShownVerdict } from '../../src/widget/try-page/verdict-answer.ts';

const now = Date.UTC(2026, 0, 1);

const answer = (email: string): ShownVerdict => {
  const parsed = parseMailbox(email);
  if (!parsed.ok)
    return toResponse(judgeUnparsed({ email, failure: parsed.failure, didYouMean: null }, now), 1);
  return toResponse(judge(sandboxEvidence(email, parsed.mailbox, null, null), now), 1);
};

const line = (verdict: ShownVerdict, check: string, publishable = false) =>
  explain(verdict, { publishable }).find((one) => one.check === check);

test.each([
  ['deliverable', 'DNS', 'good', 'Mail goes to mx.presend.test.'],
  ['domain-typo', 'Spelling', 'bad', '“presend.test” looks like a misspelling of “example.com”.'],
  [
    'domain-typo-taking-mail',
    'Spelling',
    'doubtful',
    '“presend.test” looks like a misspelling of “example.com”.',
  ],
  ['confusable-domain', 'Spelling', 'doubtful', 'Look-alike characters imitate a well-known domain.'],
  ['domain-nonexistent', 'DNS', 'bad', 'The domain does not exist (NXDOMAIN).'],
  ['null-mx', 'DNS', 'bad', 'The domain declares that it accepts no mail (null MX, RFC 7505).'],
  ['no-mail-host', 'DNS', 'bad', 'The domain exists, but it has neither an MX record nor an address record.'],
  [
    'unroutable-mail-host',
    'DNS',
    'bad',
    'The mail servers cannot be reached from the internet: mx.presend.test.',
  ],
  [
    'implicit-mx',
    'DNS',
    'doubtful',
    'The domain has no MX record, so mail would go to its own IP address (A record).',
  ],
  [
    'special-use-domain',
    'DNS',
    'bad',
    'Not looked up, because this domain cannot receive mail from the internet.',
  ],
  ['disposable-domain', 'Disposable', 'doubtful', 'The domain belongs to a disposable-mail service.'],
  ['disposable-mail-host', 'Disposable', 'doubtful', 'The mail server belongs to a disposable-mail service.'],
  ['parked-domain', 'Disposable', 'doubtful', 'The domain is parked: probably nobody reads mail there.'],
  [
    'relay-alias',
    'Disposable',
    'good',
    'The address is a privacy alias, which forwards mail to a real person.',
  ],
  [
    'role-account',
    'Role',
    'doubtful',
    '“role-account” is a role account: it belongs to a role such as sales or support, not to one person.',
  ],
  ['denied-domain', 'Your list', 'bad', 'The domain is on your deny list.'],
  [
    'suppressed',
    'Suppression',
    'bad',
    'The address is on your suppression list because mail to it bounced before.',
  ],
  [
    'complained',
    'Suppression',
    'bad',
    'The address is on your suppression list because of a complaint, an unsubscribe or a manual entry.',
  ],
  ['suppression-undetermined', 'Suppression', 'none', 'The suppression list could not be checked right now.'],
] as const)('%s@presend.test, %s: %s', (name, check, state, text) => {
  expect(line(answer(`${name}@presend.test`), check)).toEqual({ check, state, text });
});

test('what is undetermined is neither good nor bad', () => {
  const { state, text } = line(answer('dns-undetermined@presend.test'), 'DNS')!;
  expect(state).toBe('none');
  expect(text).toContain('That says nothing about the mailbox.');
});

test('a syntax error says where, and nothing else is checked', () => {
  const lines = explain(answer('a..b@presend.test'), { publishable: false });
  expect(lines.map(({ check, state }) => [check, state])).toEqual([
    ['Syntax', 'bad'],
    ['Other checks', 'none'],
  ]);
  expect(lines[0]!.text).toContain('(Character 3)');
});

test('with a publishable key the suppression list is not asked', () => {
  expect(line(answer('deliverable@presend.test'), 'Suppression', true)?.state).toBe('none');
  expect(line(answer('deliverable@presend.test'), 'Suppression')?.state).toBe('good');
});

test('the expected bounce has its status, meaning and probability', () => {
  const gone = answer('domain-nonexistent@presend.test');
  expect(bounceText(gone)).toBe(
    'Mail to this address would hard-bounce with status 5.1.2 (no such mail domain).',
  );
  expect(likelihoodText(gone)).toMatch(/^98% of messages to such addresses/);
  expect(bounceText(answer('dns-undetermined@presend.test'))).toBe(
    'Mail to this address may be delayed and retried with status 4.4.3 (DNS failed).',
  );
  expect(bounceText(answer('improbable-mailbox@presend.test'))).toMatch(
    /^Mail to this address may hard-bounce/,
  );
  expect(bounceText(answer('deliverable@presend.test'))).toBe('No bounce is expected.');
});
